/* kith-mailer: sends what was decided to be sent. */
#include "config.h"
#include "counts.h"
#include "post.h"

int main(int argc, char **argv)
{
    static struct mailer_config config;

    return worker_main(&(struct worker_opts){.program = &mailer_config_program,
                                             .admin_listen = "127.0.0.1:9104",
                                             .config = &config.worker,
                                             .register_metrics = counts_register,
                                             .begin = post_begin,
                                             .turn = post_turn,
                                             .end = post_end},
                       argc, argv);
}
