/* What nvidia-smi and exporters tell alike of a GPU: rows for the table of metrics of
 * whoever includes this, whose enum numbers them. */
#ifndef PLUGINS_GPU_METRICS_H
#define PLUGINS_GPU_METRICS_H

/* clang-format off */
#define GPU_METRICS \
    [UUID]          = { "uuid", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "GPU-…" }, \
    [MODEL]         = { "model", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "product name" }, \
    [INDEX]         = { "index", .kind = GW_GPU, .unit = "", .max = 1024, .help = "index on its node" }, \
    [UTIL]          = { "util", .kind = GW_GPU, .unit = "%", .max = 100, .help = "share of time a kernel ran" }, \
    [MEM_USED]      = { "mem_used", .kind = GW_GPU, .unit = "MiB", .max = 9.5e6, .help = "memory in use" }, \
    [MEM_TOTAL]     = { "mem_total", .kind = GW_GPU, .unit = "MiB", .max = 9.5e6, .help = "memory fitted" }, \
    [TEMP]          = { "temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of the chip" }, \
    [MEM_TEMP]      = { "mem_temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of its memory" }, \
    [POWER]         = { "power", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "power, one-second average where the device tells" }, \
    [POWER_INSTANT] = { "power_instant", .kind = GW_GPU, .unit = "W", .max = 10000, .help = "power this instant" }, \
    [MODULE_POWER]  = { "module_power", .kind = GW_GPU, .unit = "W", .max = 10000, .help = "power of the module (GPU, its memory and its share of the CPU), average" }, \
    [POWER_LIMIT]   = { "power_limit", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "enforced limit" }, \
    [SM_CLOCK]      = { "sm_clock", .kind = GW_GPU, .unit = "MHz", .max = 10000, .help = "clock of the multiprocessors" }, \
    [THROTTLE]      = { "throttle", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "why the clocks are held down: brake, thermal, power, …; none: nothing does" }, \
    [MIG]           = { "mig", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "MIG profiles it is cut into" },
/* clang-format on */

#endif
