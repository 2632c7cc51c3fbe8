/* Credentials that a command prints for a cluster (exec in a kubeconfig), kept until they
 * expire: all links to the cluster share one run of the command. */
#ifndef POLL_KUBE_CREDENTIAL_H
#define POLL_KUBE_CREDENTIAL_H

#include "poll/kubeconfig.h"
#include "poll/loop.h"

struct kube_credential {
    const char *token;          /* NULL: none */
    struct pem cert_pem, key_pem;
    double until;               /* wall clock; INFINITY: until it is refused */
};

/* `done` is called once, perhaps before this returns (then with NULL as result): with the
 * credential, borrowed for the call, or with NULL and why. `a` must outlive the
 * question. */
struct kube_question;
typedef void kube_credential_done(void *arg, const struct kube_credential *c,
                                  const struct err *why);
struct kube_question *kube_credential_ask(struct loop *l, const struct kube_access *a,
                                          kube_credential_done *done, void *arg);
/* forgets it; not from inside done(); NULL is fine */
void kube_question_end(struct kube_question *q);
/* It was refused: the next question runs the command anew. */
void kube_credential_forget(struct loop *l, const struct kube_access *a);

/* What a command printed; strings in the arena. -1 with what is wrong, never what was
 * read. */
int kube_credential_read(struct kube_credential *c, struct arena *arena, const char *text,
                         size_t len, const struct kube_exec *exec, struct err *err);

#endif
