/**
 * The text of /etc/scst.conf as a tree of statements, read as scstadmin does: a statement is a
 * line of words; braces hold statements of its own; # begins a comment; "…" is one word; a
 * backslash takes the next character as it is. Pure; never throws.
 */
export interface Statement {
  readonly keyword: string;
  /** What follows the keyword. */
  readonly words: readonly string[];
  readonly line: number;
  readonly children: readonly Statement[];
  /** It has braces, even if nothing is in them. */
  readonly block: boolean;
}

/** A complaint: the line, from 1, and what is wrong there. */
export interface Flaw {
  readonly line: number;
  readonly why: string;
}

export type Parsed = { readonly statements: readonly Statement[] } | { readonly flaw: Flaw };

/** A configuration of 5,000 LUNs has about 0.5 MB. */
const charactersMax = 8_000_000;
/** DEVICE_GROUP, TARGET_GROUP, TARGET and its attributes are the deepest that scstadmin knows. */
const depthMax = 8;

interface Open {
  readonly children: Statement[];
  /** The line of its `{`. */
  readonly line: number;
}

/** One token: blanks, a comment, the end of a line, a brace, a quoted word, a plain word. */
const token = /[^\S\n]+|#[^\n]*|\n|[{}]|"((?:[^"\\\n]|\\[^\n])*)"|((?:[^\s"{}#\\]|\\[^\n])+)/y;
const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

class Parser {
  readonly #top: Statement[] = [];
  readonly #open: Open[] = [];
  #words: string[] = [];
  #line = 1;

  parse(text: string): Parsed {
    if (text.length > charactersMax) return this.#refuse(`longer than ${charactersMax} characters`);
    token.lastIndex = 0;
    while (token.lastIndex < text.length) {
      const at = token.lastIndex;
      const match = token.exec(text);
      if (match === null) return this.#refuse(whyNoToken(text.charAt(at)));
      const refusal = this.#take(match);
      if (refusal !== undefined) return refusal;
    }
    this.#end();
    const unclosed = this.#open.at(-1);
    return unclosed === undefined
      ? { statements: this.#top }
      : { flaw: { line: unclosed.line, why: 'this { is never closed' } };
  }

  #take([text, quoted, plain]: RegExpExecArray): Parsed | undefined {
    if (quoted !== undefined) this.#words.push(unescaped(quoted));
    else if (plain !== undefined) this.#words.push(unescaped(plain));
    else if (text === '\n') {
      this.#end();
      this.#line += 1;
    } else if (text === '{') return this.#enter();
    else if (text === '}') return this.#leave();
    return undefined;
  }

  #refuse(why: string): Parsed {
    return { flaw: { line: this.#line, why } };
  }

  #add(children: readonly Statement[], block: boolean): void {
    const [keyword, ...words] = this.#words;
    this.#words = [];
    if (keyword === undefined) return;
    const into = this.#open.at(-1)?.children ?? this.#top;
    into.push({ keyword, words, line: this.#line, children, block });
  }

  #end(): void {
    if (this.#words.length > 0) this.#add([], false);
  }

  #enter(): Parsed | undefined {
    if (this.#words.length === 0) return this.#refuse('a { without a word before it');
    if (this.#open.length >= depthMax) return this.#refuse(`more than ${depthMax} levels of {`);
    const children: Statement[] = [];
    this.#add(children, true);
    this.#open.push({ children, line: this.#line });
    return undefined;
  }

  #leave(): Parsed | undefined {
    this.#end();
    return this.#open.pop() === undefined ? this.#refuse('a } without a {') : undefined;
  }
}

function whyNoToken(character: string): string {
  if (character === '"') return 'a " that is not closed on its line';
  return character === '\\' ? 'a \\ at the end of a line' : `unexpected ${character}`;
}

export const parseConf = (text: string): Parsed => new Parser().parse(text);
