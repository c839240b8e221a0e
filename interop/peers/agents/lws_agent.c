/* Echo agent on libwebsockets: `server DEFLATE` or `client DEFLATE URL`.
 * Text that begins with `!` is a command, see docs/interop.md; every other message is echoed. */

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One thing to send: a fragment or whole message, a Ping, or the Close. */
struct outgoing {
  struct outgoing *next;
  enum lws_write_protocol kind;
  int close_code;
  size_t length;
  unsigned char bytes[]; /* LWS_PRE bytes of room for the header, then the payload */
};

struct session {
  unsigned char *message;
  size_t length, capacity;
  struct outgoing *first, *last, *written;
  int close_code;
  char reason[124];
  size_t reason_length;
};

static struct lws_context *context;
static int client_ended;

static struct outgoing *enqueue(struct lws *wsi, struct session *session,
                                enum lws_write_protocol kind, const void *bytes, size_t length) {
  struct outgoing *item = malloc(sizeof *item + LWS_PRE + length + 1);
  if (!item) abort();
  item->next = NULL;
  item->kind = kind;
  item->close_code = 0;
  item->length = length;
  if (bytes && length) memcpy(item->bytes + LWS_PRE, bytes, length);
  if (session->last)
    session->last->next = item;
  else
    session->first = item;
  session->last = item;
  lws_callback_on_writable(wsi);
  return item;
}

static void enqueue_fragments(struct lws *wsi, struct session *session, const char *type, int count,
                              int size) {
  int first = strcmp(type, "text") == 0 ? LWS_WRITE_TEXT : LWS_WRITE_BINARY;
  for (int index = 0; index < count; index++) {
    enum lws_write_protocol kind = index == 0 ? first : LWS_WRITE_CONTINUATION;
    if (index < count - 1) kind |= LWS_WRITE_NO_FIN;
    struct outgoing *item = enqueue(wsi, session, kind, NULL, (size_t)size);
    memset(item->bytes + LWS_PRE, 'a' + index % 26, (size_t)size);
  }
}

static void enqueue_close(struct lws *wsi, struct session *session, const char *words) {
  int code = 1000, used = 0;
  if (sscanf(words, "%d%n", &code, &used) == 1 && words[used] == ' ') used++;
  struct outgoing *item =
      enqueue(wsi, session, LWS_WRITE_PING, words + used, strlen(words + used));
  item->close_code = code;
}

static void obey(struct lws *wsi, struct session *session, const char *text) {
  char type[8];
  int count, size;
  if (strncmp(text, "!ping ", 6) == 0)
    enqueue(wsi, session, LWS_WRITE_PING, text + 6, strlen(text + 6));
  else if (sscanf(text, "!fragments %7s %d %d", type, &count, &size) == 3)
    enqueue_fragments(wsi, session, type, count, size);
  else if (strncmp(text, "!close", 6) == 0)
    enqueue_close(wsi, session, text[6] == ' ' ? text + 7 : "");
}

static void take_message(struct lws *wsi, struct session *session, int binary) {
  session->message[session->length] = 0;
  if (!binary && session->message[0] == '!')
    obey(wsi, session, (const char *)session->message);
  else
    enqueue(wsi, session, binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT, session->message,
            session->length);
  session->length = 0;
}

static void receive(struct lws *wsi, struct session *session, const void *bytes, size_t length) {
  size_t needed = session->length + length + 1;
  if (needed > session->capacity) {
    session->capacity = needed * 2;
    session->message = realloc(session->message, session->capacity);
    if (!session->message) abort();
  }
  memcpy(session->message + session->length, bytes, length);
  session->length += length;
  if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0)
    take_message(wsi, session, lws_frame_is_binary(wsi));
}

/* Writes one item per call; answers -1 to have libwebsockets send the Close. The deflater reads
 * from an item until libwebsockets calls again, so an item lives until then. */
static int write_next(struct lws *wsi, struct session *session) {
  struct outgoing *item = session->first;
  free(session->written);
  session->written = NULL;
  if (!item) return 0;
  int result = 0;
  if (item->close_code) {
    session->close_code = item->close_code;
    lws_close_reason(wsi, (enum lws_close_status)item->close_code, item->bytes + LWS_PRE,
                     item->length);
    result = -1;
  } else if (lws_write(wsi, item->bytes + LWS_PRE, item->length, item->kind) < 0) {
    result = -1;
  }
  session->first = item->next;
  if (!session->first) session->last = NULL;
  session->written = item;
  lws_callback_on_writable(wsi);
  return result;
}

static void peer_closes(struct session *session, const unsigned char *payload, size_t length) {
  session->close_code = length >= 2 ? payload[0] << 8 | payload[1] : LWS_CLOSE_STATUS_NO_STATUS;
  session->reason_length = length > 2 ? length - 2 : 0;
  if (session->reason_length > 123) session->reason_length = 123;
  if (session->reason_length) memcpy(session->reason, payload + 2, session->reason_length);
}

static void end(struct session *session) {
  printf("closed %d ", session->close_code ? session->close_code : 1006);
  for (size_t at = 0; at < session->reason_length; at++)
    printf("%02x", (unsigned char)session->reason[at]);
  printf("\n");
  fflush(stdout);
  while (session->first) {
    struct outgoing *item = session->first;
    session->first = item->next;
    free(item);
  }
  free(session->written);
  free(session->message);
  memset(session, 0, sizeof *session);
}

static void echo_pong(struct lws *wsi, struct session *session, const char *in, size_t length) {
  struct outgoing *item = enqueue(wsi, session, LWS_WRITE_TEXT, NULL, length + 5);
  memcpy(item->bytes + LWS_PRE, "pong ", 5);
  memcpy(item->bytes + LWS_PRE + 5, in, length);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
  struct session *session = user;
  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
      receive(wsi, session, in, length);
      break;
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
      echo_pong(wsi, session, in, length);
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return write_next(wsi, session);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      peer_closes(session, in, length);
      break;
    case LWS_CALLBACK_CLOSED:
      end(session);
      break;
    case LWS_CALLBACK_CLIENT_CLOSED:
      end(session);
      client_ended = 1;
      break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      fprintf(stderr, "cannot connect: %s\n", in ? (const char *)in : "no reason given");
      client_ended = 1;
      break;
    default:
      break;
  }
  return 0;
}

static const struct lws_protocols protocols[] = {
    {"interop.v1", callback, sizeof(struct session), 65536, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static const struct lws_extension fresh_windows[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; server_no_context_takeover"},
    {NULL, NULL, NULL},
};

static const struct lws_extension kept_windows[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL},
};

static int connect_to(struct lws_vhost *vhost, char *url) {
  const char *scheme, *path;
  char target[256];
  struct lws_client_connect_info info;
  memset(&info, 0, sizeof info);
  if (lws_parse_uri(url, &scheme, &info.address, &info.port, &path)) return -1;
  /* An empty path comes as "/", any other without its first slash. */
  snprintf(target, sizeof target, "%s%s", path[0] == '/' ? "" : "/", path);
  info.context = context;
  info.vhost = vhost;
  info.path = target;
  info.host = info.address;
  info.protocol = "interop.v1";
  info.ietf_version_or_minus_one = -1;
  return lws_client_connect_via_info(&info) ? 0 : -1;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  struct lws_context_creation_info info;
  memset(&info, 0, sizeof info);
  int server = strcmp(words[1], "server") == 0;
  lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
  info.port = server ? 0 : CONTEXT_PORT_NO_LISTEN;
  info.iface = server ? "127.0.0.1" : NULL;
  info.protocols = protocols;
  if (strcmp(words[2], "all") == 0) info.extensions = fresh_windows;
  if (strcmp(words[2], "takeover") == 0) info.extensions = kept_windows;
  info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  context = lws_create_context(&info);
  struct lws_vhost *vhost = context ? lws_create_vhost(context, &info) : NULL;
  if (!vhost) return 1;
  if (server) {
    printf("listening %d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
  } else if (count < 4 || connect_to(vhost, words[3])) {
    return 1;
  }
  while (!client_ended && lws_service(context, 0) >= 0) continue;
  lws_context_destroy(context);
  return 0;
}
