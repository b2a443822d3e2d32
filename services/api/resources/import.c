/* Imports: files of rows that become sites, partners, contacts and so on. */
#include "action.h"
#include "resources.h"

#define MAPPED_MOST INT64_MAX

static const char *const statuses[] = {"received",  "running",  "done", "failed",
                                       "reverting", "reverted", NULL};
static const char *const empties[] = {"keep", "clear", NULL};
static const char *const encodings[] = {"utf-8",    "utf-8-bom",    "utf-16le",
                                        "utf-16be", "windows-1252", NULL};
static const char *const separators[] = {"comma", "semicolon", "tab", "bar", "json", "lines", NULL};

static const struct json_field name_item = JSON_FIELD(NULL, FIELD_TEXT, .max = 1000);

#define COUNT_FIELD(field_name, what)                                                          \
    {                                                                                          \
        .json = JSON_FIELD(field_name, FIELD_INT, FIELD_READ_ONLY, .min = 0, .max = INT64_MAX, \
                           .doc = (what))                                                      \
    }

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "What the rows are: the plural of a resource."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("dry_run", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "The same was done and taken back: only the report stays.")},
    {.json = JSON_FIELD("key", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What rows are known by; null: whatever its kind has.")},
    {.json = JSON_FIELD("empty_cells", FIELD_ENUM, FIELD_READ_ONLY, .values = empties,
                        .doc = "Whether they leave a field as it is, or make it null.")},
    {.json = JSON_FIELD("mapping", FIELD_MAP, FIELD_READ_ONLY, .item = &name_item,
                        .max = MAPPED_MOST, .doc = "By field: the column that says it.")},
    {.json = JSON_FIELD("constants", FIELD_MAP, FIELD_READ_ONLY, .item = &name_item,
                        .max = MAPPED_MOST, .doc = "By field: what holds for every row.")},
    {.json = JSON_FIELD("new_fields", FIELD_MAP, FIELD_READ_ONLY, .item = &name_item,
                        .max = MAPPED_MOST,
                        .doc = "The types of fields of the district's own that it makes.")},
    {.json = JSON_FIELD("unmapped", FIELD_LIST, FIELD_READ_ONLY, .item = &name_item,
                        .max = MAPPED_MOST, .doc = "Columns that no field is read from.")},
    COUNT_FIELD("file_bytes", "Of the file."),
    {.json = JSON_FIELD("encoding", FIELD_ENUM, FIELD_READ_ONLY, .values = encodings,
                        .doc = "As it was found out.")},
    {.json = JSON_FIELD("separator", FIELD_ENUM, FIELD_READ_ONLY, .values = separators,
                        .doc = "As it was found out; json: items of an array, lines: an object a "
                               "line.")},
    COUNT_FIELD("rows_read", "Rows of the file without the first, once all are read."),
    COUNT_FIELD("created", "Rows that made something."),
    COUNT_FIELD("updated", "Rows that changed something."),
    COUNT_FIELD("unchanged", "Rows that say what is there already."),
    COUNT_FIELD("rejected", "Rows that changed nothing because something is wrong with them."),
    COUNT_FIELD("reverted", "Rows that were taken back."),
    COUNT_FIELD("conflicts", "Rows that could not be taken back."),
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it failed.")},
    {.json = JSON_FIELD("started_by", FIELD_UUID, FIELD_READ_ONLY, .doc = "The user.")},
    {.json = JSON_FIELD("finished_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "revert", .summary = "Take back what one import did"},
};

struct resource res_import = {
    .name = "import",
    .plural = "imports",
    .doc = "Files of rows that become sites, partners, contacts and so on.",
    .readers = ROLES_PROGRAM ",data_steward",
    .writers = ROLES_PROGRAM ",data_steward", /* each the kinds that are theirs */
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_ANY},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
