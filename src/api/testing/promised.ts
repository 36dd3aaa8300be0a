/** For tests: the contract that the documents of this source make, for every answer of its doors. */
import { Contract } from '../../../test/support/contract.ts';
import { operations } from '../../operations/registry.ts';
import { renderAsyncApi } from '../specs/asyncapi.ts';
import { renderOpenApi } from '../specs/openapi.ts';

let made: Contract | undefined;

export function promised(): Contract {
  made ??= new Contract(renderOpenApi(operations, 'test'), renderAsyncApi('test'));
  return made;
}
