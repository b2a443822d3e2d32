/* common/letter for the tests, with catalogs of the tests' own beside the mailer's:
 *
 *     letter_probe [LOCALE FILE]...    seven fields a letter (see read_letter), then how many
 * things it carries, and three for each; its locale, subject, text and HTML */
#include <stdlib.h>

#include "gen/templates.h"
#include "letter/letter.h"
#include "probe_fields.h"

#define HOME_URL "https://kith.example.org/"
#define TASK_URL HOME_URL "r/task"
#define STOP_URL HOME_URL "u/stop"

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

static bool read_letter(struct letter *letter)
{
    *letter = (struct letter){.to_name = SV("Ana López"), .task_url = SV(TASK_URL)};
    letter->home_url = SV(HOME_URL);
    letter->stop_url = SV(STOP_URL);
    return read_field(&letter->kind) && read_field(&letter->locale) &&
           read_field(&letter->own_locale) && read_field(&letter->district) &&
           read_field(&letter->sample);
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
