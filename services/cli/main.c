/* kith: what operators and orchestrators run from the command line. */
#include <stdio.h>

#include "base/sv.h"
#include "command.h"
#include "svc/service.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"help", "", "says this", command_help},
    {"version", "", "says which Kith this is", command_version},
    {"migrate", "[--status]", "brings the database to this program's schema, or says what it lacks",
     command_migrate},
    {"admin", "WHAT …", "makes a district, or a user with a password", command_admin},
    {"instrument", "load …",
     "drafts an instrument of a file, which a district has the right to use", command_instrument},
    {"doctor", "[--json]", "says what keeps Kith from working, or its mails from arriving",
     command_doctor},
    {"verify", "", "compares the figures with what a computation from the observations gives",
     command_verify},
    {"rebuild", "", "makes all figures anew from what they are made of, and says which differed",
     command_rebuild},
    {"bounce", "[RECIPIENT]", "takes a bounce or a complaint, as a mail server pipes it",
     command_bounce},
    {"replay", "--since …", "has events published again, and handled again by one who asks",
     command_replay},
    {"dead-letters", "[redrive …]",
     "lists events that could not be handled, or has them tried again", command_dead_letters},
    {"healthcheck", "URL", "asks a program's admin port, and succeeds when it answers 2xx",
     command_healthcheck},
};

static void usage(FILE *out)
{
    fprintf(out, "usage: kith COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(out, "  %-12s %-11s %s\n", commands[i].name, commands[i].arguments,
                commands[i].summary);
    fprintf(out, "\nA command that reads the environment lists its variables with --help.\n");
}

static int command_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    usage(stdout);
    return EXIT_STATUS_OK;
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("kith %s\n", KITH_VERSION);
    return EXIT_STATUS_OK;
}

int main(int argc, char **argv)
{
    struct sv name = argc > 1 ? sv_of(argv[1]) : SV_NONE;

    if (sv_eq(name, SV("--help")) || sv_eq(name, SV("-h")))
        name = SV("help");
    if (sv_eq(name, SV("--version")))
        name = SV("version");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (sv_eq(name, sv_of(commands[i].name)))
            return commands[i].run(argc - 1, argv + 1);
    }
    if (name.n)
        fprintf(stderr, "kith: there is no command \"%s\"\n", argv[1]);
    usage(stderr);
    return EXIT_STATUS_CONFIGURATION;
}
