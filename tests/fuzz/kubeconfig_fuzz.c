/* A kubeconfig of any bytes: any context of it is read, or refused; then the same bytes
 * as a certificate, as base64 and as what a credential's command prints. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "poll/kube_credential.h"
#include "poll/kubeconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_context(const char *text, size_t size, const char *context)
{
    struct kube_access a;
    struct err err;

    if (kubeconfig_read_text(&a, text, size, "/etc/kubeconfig", context, &err) < 0) {
        assert(err.text[0] && !a.arena);
        return;
    }
    assert(strncmp(a.server, "http", 4) == 0 && a.cluster && a.context);
    kubeconfig_end(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct kube_exec exec = { .command = "x",
                              .api_version = "client.authentication.k8s.io/v1" };
    const char *text = (const char *)bytes;
    struct arena *arena = arena_new();
    struct kube_credential c;
    struct err err;
    size_t len;

    read_context(text, size, "");
    read_context(text, size, "lab");
    certificate_end(text, size);
    if (base64_read(arena_alloc(arena, BASE64_BYTES(size)), &len, text, size))
        assert(len <= size);
    if (kube_credential_read(&c, arena, text, size, &exec, &err) == 0)
        assert(c.token || c.cert_pem.text);
    arena_free(arena);
    return 0;
}
