/* Anything at all in place of what an API server answers: lists, pages, discovery, and
 * the lines of watches. The first byte chooses for whom the rest is; the others get what
 * is well formed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/batch.h"
#include "poll/poll.h"

extern const struct gw_source kube_source;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const paths[] = {
    "/apis", "/api/v1/nodes", "/api/v1/pods", "/api/v1/namespaces", "/api/v1/resourcequotas", "/apis/batch/v1/jobs",
    "/apis/kueue.x-k8s.io/v1/clusterqueues", "/apis/kueue.x-k8s.io/v1/localqueues", "/apis/kueue.x-k8s.io/v1/workloads",
    "/apis/scheduling.run.ai/v2/queues", "/apis/scheduling.run.ai/v2alpha2/podgroups",
    "/apis/scheduling.volcano.sh/v1beta1/queues", "/apis/scheduling.volcano.sh/v1beta1/podgroups",
    "/apis/resource.k8s.io/v1/resourceclaims", "/apis/resource.k8s.io/v1/resourceslices",
};

enum { PATHS = sizeof(paths) / sizeof(paths[0]) };

struct fuzz {
    const char *path;
    bool watch;
    const char *text;
    unsigned asked;
};

static const char *answer(void *arg, const struct gw_ask *ask, int *status)
{
    struct fuzz *f = arg;
    size_t len = strcspn(ask->path, "?");
    bool meant = strlen(f->path) == len && strncmp(f->path, ask->path, len) == 0 &&
                 f->watch == (ask->how == GW_STREAM);

    *status = 200;
    /* A list whose pages have no end is the fuzzer's own doing. */
    if (meant && f->asked++ < 8)
        return f->text;
    if (ask->how == GW_STREAM)
        return "";
    if (strcmp(ask->path, "/apis") == 0)
        return "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"batch\",\"versions\":[{\"version\":\"v1\"}]},"
               "{\"name\":\"kueue.x-k8s.io\",\"versions\":[{\"version\":\"v1\"}]},"
               "{\"name\":\"scheduling.run.ai\",\"versions\":[{\"version\":\"v2\"},{\"version\":\"v2alpha2\"}]},"
               "{\"name\":\"scheduling.volcano.sh\",\"versions\":[{\"version\":\"v1beta1\"}]},"
               "{\"name\":\"resource.k8s.io\",\"versions\":[{\"version\":\"v1\"}]}]}";
    return "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"namespace\":\"a\",\"name\":\"b\"},"
           "\"spec\":{\"nodeName\":\"b\",\"containers\":[{\"resources\":{\"limits\":{\"nvidia.com/gpu\":\"1\"}}}],"
           "\"resourceClaims\":[{\"resourceClaimName\":\"b\"}]}}]}";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct target_config config = { .name = "lab", .url = "kube://lab" };
    struct fuzz f = { .asked = 0 };
    struct err err;
    char *text;

    if (!size || !(text = malloc(size)))
        return 0;
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    f.path = paths[bytes[0] % PATHS];
    f.watch = bytes[0] / PATHS % 2;
    f.text = text;
    batch_free(source_converse(&kube_source, &config, answer, &f, 1795990400, &err));
    free(text);
    return 0;
}
