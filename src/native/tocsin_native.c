/*
 * What Node cannot do by itself, as a Node-API addon: datagrams to $NOTIFY_SOCKET (sd_notify(3)) and
 * to other Unix sockets, the credentials of a Unix socket's peer (SO_PEERCRED, SO_PEERGROUPS: unix(7), socket(7)), and
 * CLOCK_MONOTONIC in microseconds. Node-API version 8: one binary for Node 18 and newer.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* systemd refuses longer messages: NOTIFY_BUFFER_MAX is PIPE_BUF, 4096. */
enum { state_bytes_max = 4096, wait_ms_max = 50, groups_few = 64 };

static napi_value refuse(napi_env env, const char *what, int error) {
  char text[200];
  snprintf(text, sizeof text, "%s: %s", what, strerror(error));
  napi_throw_error(env, NULL, text);
  return NULL;
}

/* Sends a datagram once, and once more when the receiver's queue was full and has room within wait_ms_max. */
static int send_state(const char *path, const char *state, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t path_length = strlen(path);
  if (path_length >= sizeof address.sun_path) return ENAMETOOLONG;
  memcpy(address.sun_path, path, path_length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  int error = 0;
  if (connect(fd, (struct sockaddr *)&address, size) < 0) {
    error = errno;
  } else if (send(fd, state, length, MSG_NOSIGNAL) < 0) {
    error = errno;
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    if ((error == EAGAIN || error == EINTR) && poll(&room, 1, wait_ms_max) >= 0)
      error = send(fd, state, length, MSG_NOSIGNAL) < 0 ? errno : 0;
  }
  close(fd);
  return error;
}

/* sendDatagram(path, bytes): 0, or the errno. For journald's socket (systemd.journal-fields(7)). */
static napi_value send_datagram(napi_env env, napi_callback_info info) {
  size_t argc = 2, path_length = 0, length = 0;
  napi_value argv[2], answer;
  char path[sizeof((struct sockaddr_un *)0)->sun_path + 1];
  void *bytes = NULL;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc < 2 ||
      napi_get_value_string_utf8(env, argv[0], path, sizeof path, &path_length) != napi_ok ||
      napi_get_buffer_info(env, argv[1], &bytes, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "sendDatagram: a path and a Buffer are expected");
    return NULL;
  }
  napi_create_int32(env, send_state(path, bytes, length), &answer);
  return answer;
}

static napi_value notify(napi_env env, napi_callback_info info) {
  size_t argc = 1, length = 0;
  napi_value argv[1], answer;
  char state[state_bytes_max];
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc < 1 ||
      napi_get_value_string_utf8(env, argv[0], state, sizeof state, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "notify: a string is expected");
    return NULL;
  }
  const char *path = getenv("NOTIFY_SOCKET");
  int possible = path != NULL && (path[0] == '/' || path[0] == '@') && path[1] != '\0';
  if (possible) {
    int error = send_state(path, state, length);
    if (error != 0) return refuse(env, "NOTIFY_SOCKET", error);
  }
  napi_get_boolean(env, possible, &answer);
  return answer;
}

/* An array of the peer's supplementary groups, however many; NULL after an exception. */
static napi_value peer_groups(napi_env env, int fd) {
  gid_t few[groups_few], *groups = few;
  socklen_t size = sizeof few;
  int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
  if (result < 0 && errno == ERANGE) { /* size now says how much is needed */
    groups = malloc(size);
    if (groups == NULL) return refuse(env, "SO_PEERGROUPS", ENOMEM);
    result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
  }
  int error = errno;
  napi_value array = NULL, group;
  if (result < 0) {
    refuse(env, "SO_PEERGROUPS", error);
  } else {
    napi_create_array(env, &array);
    for (uint32_t i = 0; i < size / sizeof(gid_t); i++) {
      napi_create_uint32(env, groups[i], &group);
      napi_set_element(env, array, i, group);
    }
  }
  if (groups != few) free(groups);
  return array;
}

static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1], answer, number;
  int32_t fd;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc < 1 || napi_get_value_int32(env, argv[0], &fd) != napi_ok) {
    napi_throw_type_error(env, NULL, "peerCredentials: a file descriptor is expected");
    return NULL;
  }
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return refuse(env, "SO_PEERCRED", errno);
  napi_value groups = peer_groups(env, fd);
  if (groups == NULL) return NULL;
  napi_create_object(env, &answer);
  napi_create_int32(env, peer.pid, &number);
  napi_set_named_property(env, answer, "pid", number);
  napi_create_uint32(env, peer.uid, &number);
  napi_set_named_property(env, answer, "uid", number);
  napi_create_uint32(env, peer.gid, &number);
  napi_set_named_property(env, answer, "gid", number);
  napi_set_named_property(env, answer, "groups", groups);
  return answer;
}

static napi_value monotonic_usec(napi_env env, napi_callback_info info) {
  (void)info;
  struct timespec now;
  napi_value usec;
  clock_gettime(CLOCK_MONOTONIC, &now);
  napi_create_double(env, (double)now.tv_sec * 1e6 + (double)(now.tv_nsec / 1000), &usec);
  return usec;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"notify", NULL, notify, NULL, NULL, NULL, napi_enumerable, NULL},
      {"sendDatagram", NULL, send_datagram, NULL, NULL, NULL, napi_enumerable, NULL},
      {"peerCredentials", NULL, peer_credentials, NULL, NULL, NULL, napi_enumerable, NULL},
      {"monotonicUsec", NULL, monotonic_usec, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
