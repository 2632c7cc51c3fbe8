/* What NVIDIA's driver means by the numbers of its errors (XID), as far as the GPU or its
 * links are to blame and somebody has to act. What an application did wrong (13, 31, 43,
 * 45, …) is its user's, and no alarm. */
#include "model/model.h"

#include <math.h>
#include <stddef.h>

static const struct xid {
    int code;
    const char *says;
} xids[] = {
    { 46, "the GPU stopped processing; reset it" },
    { 48, "memory error that ECC cannot correct; drain the node and reset the GPU" },
    { 62, "the GPU's power controller halted; reset it" },
    { 63, "a row of its memory is to be remapped; reset the GPU when it is free" },
    { 64, "a row of its memory could not be remapped; drain the node, have the GPU replaced" },
    { 74, "NVLink error; drain the node, look at its links and switches" },
    { 79, "fallen off the bus; drain the node and power-cycle it" },
    { 92, "many memory errors that ECC corrects; watch it" },
    { 94, "memory error, contained to one application; reset the GPU when it is free" },
    { 95, "memory error, not contained; drain the node and reset the GPU" },
    { 109, "a context switch timed out; reset the GPU if it comes again" },
    { 110, "security fault; power-cycle the node" },
    { 119, "the GPU's system processor (GSP) does not answer; reset the GPU, power-cycle if that fails" },
    { 120, "error of the GPU's system processor (GSP); reset the GPU, power-cycle if that fails" },
    { 121, "error of the link between processor and GPU (C2C); reset when it is free" },
    { 140, "memory error that ECC did not recover; reset the GPU" },
    { 143, "the GPU could not be initialised; drain the node, have it looked at" },
    { 144, "NVLink error (SAW); look at its links and switches" },
    { 145, "NVLink error (RLW); look at its links and switches" },
    { 146, "NVLink error (TLW); look at its links and switches" },
    { 147, "NVLink error (TREX); look at its links and switches" },
    { 148, "NVLink error (NVLPW_CTRL); look at its links and switches" },
    { 149, "NVLink error (NETIR); look at its links and switches" },
    { 150, "NVLink error (MSE); look at its links and switches" },
    { 154, "the driver asks for a recovery; nvidia-smi -q tells which" },
    { 156, "a part of its memory is retired; reset the GPU when it is free" },
    { 157, "a part of its memory could not be retired; have the GPU replaced" },
    { 158, "the GPU timed out for good; reset it" },
};

const char *model_xid_says(double xid)
{
    for (size_t i = 0; i < sizeof(xids) / sizeof(xids[0]); i++)
        if (lround(isnan(xid) ? 0 : xid) == xids[i].code)
            return xids[i].says;
    return NULL;
}
