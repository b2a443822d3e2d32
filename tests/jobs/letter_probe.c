/* common/letter for the tests, with catalogs of the tests' own beside the mailer's:
 *
 *     letter_probe [LOCALE FILE]...    seven fields a letter (see read_letter), then how many
 * things it carries, and three for each; its locale, subject, text and HTML */
#include <stdlib.h>

#include "gen/templates.h"
#include "letter/letter.h"
#include "probe_fields.h"

#define TASK_URL "https://kith.example.org/r/task"
#define STOP_URL "https://kith.example.org/u/stop"

static struct template_texts texts[TEMPLATE_LOCALES];

static struct sv read_file(const char *path)
{
    char *bytes = arena_alloc(arena, FIELD_BYTES);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(bytes, 1, FIELD_BYTES, file) : 0;

    if (!file)
        die("cannot read %s", path);
    fclose(file);
    return (struct sv){bytes, n};
}

static struct templates *load(int argc, char **argv)
{
    struct template_set set = templates_mailer;
    struct templates *templates;
    static struct template_set kept;
    struct str why;

    for (size_t i = 0; i < set.text_count; i++)
        texts[i] = set.texts[i];
    for (int i = 1; i + 1 < argc; i += 2)
        texts[set.text_count++] = (struct template_texts){argv[i], read_file(argv[i + 1])};
    set.texts = texts;
    kept = set;
    str_init(&why, KB(4));
    templates = templates_load(&kept, &why);
    if (!templates)
        die("%s", str_cstr(&why));
    str_fini(&why);
    return templates;
}

static bool is_true(struct sv field)
{
    return sv_eq(field, SV("true"));
}

static void read_thing(struct letter *thing)
{
    struct sv has_task;

    if (!read_field(&thing->kind) || !read_field(&thing->about) || !read_field(&has_task))
        die("a thing is cut");
    thing->has_task = is_true(has_task);
    thing->task_url = SV(TASK_URL "/thing");
}

static bool read_letter(struct letter *letter)
{
    struct sv has_task;
    struct sv has_stop;
    struct sv things;
    uint64_t count;

    *letter = (struct letter){.to_name = SV("Ana López")};
    if (!read_field(&letter->kind) || !read_field(&letter->locale) ||
        !read_field(&letter->own_locale) || !read_field(&letter->district) ||
        !read_field(&letter->about) || !read_field(&has_task) || !read_field(&has_stop) ||
        !read_field(&things))
        return false;
    letter->has_task = is_true(has_task);
    letter->task_url = letter->has_task ? SV(TASK_URL) : SV("https://kith.example.org/");
    letter->stop_url = is_true(has_stop) ? SV(STOP_URL) : SV_NONE;
    if (!sv_to_u64(things, 100, &count))
        die("no number of things");
    letter->things = ARENA_ARRAY(arena, struct letter, count);
    letter->thing_count = count;
    for (size_t i = 0; i < count; i++)
        read_thing(&letter->things[i]);
    return true;
}

int main(int argc, char **argv)
{
    struct letter_opts opts = {0};
    struct templates *templates;
    struct letter letter;

    arena = arena_new(MB(8));
    templates = load(argc, argv);
    opts.templates = templates;
    while (read_letter(&letter)) {
        struct letter_parts parts;

        if (!letter_parts(&letter, &opts, arena, &parts))
            die("a letter cannot be written");
        write_field(parts.locale);
        write_field(parts.subject);
        write_field(parts.text);
        write_field(parts.html);
        fflush(stdout);
    }
    templates_free(templates);
    arena_free(arena);
    return EXIT_SUCCESS;
}
