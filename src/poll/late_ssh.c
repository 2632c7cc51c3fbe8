/* libssh, loaded when it is first called. */
#define visibility(how) visibility("hidden") /* in place of the "default" of its declarations */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#undef visibility

#include "poll/late.h"

#define LATE_LIBRARY "libssh.so.4"

LATE_VOID(ssh_channel_free, (ssh_channel channel), (channel))
LATE(ssh_channel, ssh_channel_new, (ssh_session session), (session))
LATE(int, ssh_channel_open_forward,
     (ssh_channel channel, const char *remotehost, int remoteport, const char *sourcehost,
      int localport),
     (channel, remotehost, remoteport, sourcehost, localport))
LATE(int, ssh_channel_open_session, (ssh_channel channel), (channel))
LATE(int, ssh_channel_request_exec, (ssh_channel channel, const char *cmd),
     (channel, cmd))
LATE(int, ssh_channel_send_eof, (ssh_channel channel), (channel))
LATE(uint32_t, ssh_channel_window_size, (ssh_channel channel), (channel))
LATE(int, ssh_channel_read_nonblocking,
     (ssh_channel channel, void *data, uint32_t len, int is_stderr),
     (channel, data, len, is_stderr))
LATE(int, ssh_channel_write, (ssh_channel channel, const void *data, uint32_t len),
     (channel, data, len))
LATE_VOID(ssh_clean_pubkey_hash, (unsigned char **hash), (hash))
LATE(int, ssh_connect, (ssh_session session), (session))
LATE_VOID(ssh_disconnect, (ssh_session session), (session))
LATE(int, ssh_event_add_session, (ssh_event event, ssh_session session), (event, session))
LATE(int, ssh_event_dopoll, (ssh_event event, int timeout), (event, timeout))
LATE_VOID(ssh_event_free, (ssh_event event), (event))
LATE(ssh_event, ssh_event_new, (void), ())
LATE(int, ssh_event_remove_session, (ssh_event event, ssh_session session),
     (event, session))
LATE_VOID(ssh_free, (ssh_session session), (session))
LATE(const char *, ssh_get_error, (void *error), (error))
LATE(int, ssh_get_error_code, (void *error), (error))
LATE(socket_t, ssh_get_fd, (ssh_session session), (session))
LATE(char *, ssh_get_fingerprint_hash,
     (enum ssh_publickey_hash_type type, unsigned char *hash, size_t len),
     (type, hash, len))
LATE(int, ssh_get_poll_flags, (ssh_session session), (session))
LATE(int, ssh_get_publickey_hash,
     (const ssh_key key, enum ssh_publickey_hash_type type, unsigned char **hash,
      size_t *hlen),
     (key, type, hash, hlen))
LATE(int, ssh_get_random, (void *where, int len, int strong), (where, len, strong))
LATE(int, ssh_get_server_publickey, (ssh_session session, ssh_key *key), (session, key))
LATE(int, ssh_get_status, (ssh_session session), (session))
LATE(int, ssh_is_connected, (ssh_session session), (session))
LATE(ssh_key, ssh_key_dup, (const ssh_key key), (key))
LATE_VOID(ssh_key_free, (ssh_key key), (key))
LATE(enum ssh_keytypes_e, ssh_key_type, (const ssh_key key), (key))
LATE(enum ssh_keytypes_e, ssh_key_type_from_name, (const char *name), (name))
LATE(const char *, ssh_key_type_to_char, (enum ssh_keytypes_e type), (type))
LATE(ssh_session, ssh_new, (void), ())
LATE(int, ssh_options_get, (ssh_session session, enum ssh_options_e type, char **value),
     (session, type, value))
LATE(int, ssh_options_get_port, (ssh_session session, unsigned int *port_target),
     (session, port_target))
LATE(int, ssh_options_parse_config, (ssh_session session, const char *filename),
     (session, filename))
LATE(int, ssh_options_set,
     (ssh_session session, enum ssh_options_e type, const void *value),
     (session, type, value))
LATE(int, ssh_pki_copy_cert_to_privkey, (const ssh_key cert_key, ssh_key privkey),
     (cert_key, privkey))
LATE(int, ssh_pki_export_privkey_to_pubkey, (const ssh_key privkey, ssh_key *pkey),
     (privkey, pkey))
LATE(int, ssh_pki_export_pubkey_base64, (const ssh_key key, char **b64_key),
     (key, b64_key))
LATE(int, ssh_pki_import_cert_file, (const char *filename, ssh_key *pkey),
     (filename, pkey))
LATE(int, ssh_pki_import_privkey_file,
     (const char *filename, const char *passphrase, ssh_auth_callback auth_fn,
      void *auth_data, ssh_key *pkey),
     (filename, passphrase, auth_fn, auth_data, pkey))
LATE(int, ssh_pki_import_pubkey_base64,
     (const char *b64_key, enum ssh_keytypes_e type, ssh_key *pkey),
     (b64_key, type, pkey))
LATE(int, ssh_pki_import_pubkey_file, (const char *filename, ssh_key *pkey),
     (filename, pkey))
LATE(int, ssh_remove_channel_callbacks, (ssh_channel channel, ssh_channel_callbacks cb),
     (channel, cb))
LATE(int, ssh_send_keepalive, (ssh_session session), (session))
LATE_VOID(ssh_set_blocking, (ssh_session session, int blocking), (session, blocking))
LATE(int, ssh_set_channel_callbacks, (ssh_channel channel, ssh_channel_callbacks cb),
     (channel, cb))
LATE_VOID(ssh_set_counters,
          (ssh_session session, ssh_counter scounter, ssh_counter rcounter),
          (session, scounter, rcounter))
LATE_VOID(ssh_silent_disconnect, (ssh_session session), (session))
LATE_VOID(ssh_string_free_char, (char *s), (s))
LATE(int, ssh_userauth_agent, (ssh_session session, const char *username),
     (session, username))
LATE(int, ssh_userauth_kbdint,
     (ssh_session session, const char *user, const char *submethods),
     (session, user, submethods))
LATE(int, ssh_userauth_kbdint_getnprompts, (ssh_session session), (session))
LATE(const char *, ssh_userauth_kbdint_getprompt,
     (ssh_session session, unsigned int i, char *echo), (session, i, echo))
LATE(int, ssh_userauth_kbdint_setanswer,
     (ssh_session session, unsigned int i, const char *answer), (session, i, answer))
LATE(int, ssh_userauth_list, (ssh_session session, const char *username),
     (session, username))
LATE(int, ssh_userauth_none, (ssh_session session, const char *username),
     (session, username))
LATE(int, ssh_userauth_password,
     (ssh_session session, const char *username, const char *password),
     (session, username, password))
LATE(int, ssh_userauth_publickey,
     (ssh_session session, const char *username, const ssh_key privkey),
     (session, username, privkey))
LATE(int, ssh_userauth_try_publickey,
     (ssh_session session, const char *username, const ssh_key pubkey),
     (session, username, pubkey))
