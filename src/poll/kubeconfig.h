/* How to reach a Kubernetes cluster, and who we are there: from the files that kubectl
 * reads, or from the account that a pod is given.
 *
 * The format is https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, its
 * merging is as in "Organizing Cluster Access Using kubeconfig Files": of several files
 * the first that says something counts. Unknown keys are left alone, as kubectl does;
 * what we know and do not support, and would change who we are or whom we trust, is
 * refused in words. */
#ifndef POLL_KUBECONFIG_H
#define POLL_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "poll/poll.h"

/* A command that prints credentials:
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
struct kube_exec {
    const char *command;        /* NULL: there is none. With the folder of its file,
                                 * where it was relative */
    const char **args;          /* ends with NULL */
    const char **variables;     /* "NAME=VALUE", ends with NULL */
    const char *api_version;    /* "client.authentication.k8s.io/v1" */
    const char *hint;           /* what to do where the command is not there; NULL:
                                 * says nothing */
    bool tells_cluster;         /* the command wants to know of the cluster */
};

/* All that one context says. Strings are its arena's. */
struct kube_access {
    struct arena *arena;
    const char *context, *cluster, *user;       /* names */
    const char *where;          /* "context lab of /home/op/.kube/config", for messages */
    const char *server;         /* https://HOST[:PORT], without the path */
    const char *path;           /* that every path begins with: "" or
                                 * "/k8s/clusters/c-1" */
    const char *server_name;    /* the certificate's; NULL: the host */
    const char *ca, *cert, *key, *token_file;   /* files; NULL: none */
    struct pem ca_pem, cert_pem, key_pem;       /* instead of these files; text NULL:
                                                 * none */
    const char *token;          /* NULL: none */
    bool unverified;            /* insecure-skip-tls-verify */
    struct kube_exec exec;
};

/* `files`: as in $KUBECONFIG, separated by ":"; NULL: that variable, else ~/.kube/config,
 * else, in a pod, its account. `context`: "": the current one; "in-cluster", where no
 * context has that name: the pod's account. Files with secrets in them that others may
 * read are refused. 0, or -1 with *err, and nothing to end. */
int kubeconfig_read(struct kube_access *a, const char *files, const char *context,
                    struct err *err);
/* The same of one text; `file` is its path, which other paths are relative to. */
int kubeconfig_read_text(struct kube_access *a, const char *text, size_t len,
                         const char *file, const char *context, struct err *err);
void kubeconfig_end(struct kube_access *a);     /* zeroed: fine. Wipes its secrets */

/* The file's text in the arena, without white space at its end; at most 1 MiB. NULL with
 * *err (ERR_AUTH). Tokens that the kubelet keeps fresh are readable by others on purpose,
 * so modes are not looked at. */
char *kubeconfig_file(struct arena *arena, const char *path, size_t *len,
                      struct err *err);

/* When the first certificate of a PEM text stops being valid (RFC 5280, 4.1.2.5), seconds
 * since 1970. NAN: not understood. */
double certificate_end(const char *pem, size_t len);

#endif
