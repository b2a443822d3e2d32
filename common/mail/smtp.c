/* Mails to a mail server, by libcurl, over one connection that is kept.
 *
 * What libcurl returns does not say who is at fault, so we listen to the dialog: the stage that we
 * have come to, and the last answer. A refusal counts against the mail only from RCPT on; before
 * that the server refuses us. When all of the mail has been handed over and no answer has come,
 * nobody knows. */
#include <curl/curl.h>
#include <string.h>

#include "base/fail.h"
#include "base/str.h"
#include "mail/address.h"
#include "mail/relay_parts.h"

#define SMTP_MAGIC       0x5a170c1du
#define IDLE_MOST_S      60L /* a connection that was idle for longer is not used again */
#define REPLY_TEXT       400
#define SMTP_UNAVAILABLE 421
#define SMTP_TOO_LARGE   552
#define LOOKS_BEFORE_DOT 4 /* libcurl 7.88 looks up so often until it waits for the last answer */

enum stage { STAGE_GREETING, STAGE_LOGIN, STAGE_MAIL, STAGE_RCPT, STAGE_DATA };

struct dialog {
    struct sv left; /* of the mail */
    enum stage stage;
    int code;       /* of the last answer */
    unsigned looks; /* of libcurl's, since all of the mail has left */
    bool is_answer_whole;
    bool is_over; /* libcurl says QUIT after a refusal; what is answered to that is no news */
    char status[MAIL_STATUS_BYTES];
    char text[REPLY_TEXT];
};

struct smtp {
    unsigned magic;
    CURL *curl;
    void (*while_talking)(void *arg);
    void *arg;
    struct dialog dialog;
    char trouble[CURL_ERROR_SIZE];
};

/* ---- The dialog -------------------------------------------------------------------------------
 */

static void note_command(struct dialog *dialog, struct sv command)
{
    static const struct {
        const char *verb;
        enum stage stage;
        enum fail_at said;
    } verbs[] = {{"EHLO", STAGE_LOGIN, FAIL_smtp_ehlo_said},
                 {"MAIL FROM", STAGE_MAIL, FAIL_smtp_mail_said},
                 {"RCPT TO", STAGE_RCPT, FAIL_smtp_rcpt_said},
                 {"DATA", STAGE_DATA, FAIL_smtp_data_said}};

    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (!sv_starts_with(command, sv_of(verbs[i].verb)))
            continue;
        dialog->stage = verbs[i].stage;
        fail_point(verbs[i].said);
    }
    dialog->is_over = dialog->is_over || sv_starts_with(command, SV("QUIT"));
}

static void pass_answer(const struct dialog *dialog)
{
    static const enum fail_at answered[] = {[STAGE_GREETING] = FAIL_smtp_greeted,
                                            [STAGE_LOGIN] = FAIL_smtp_ehlo_answered,
                                            [STAGE_MAIL] = FAIL_smtp_mail_answered,
                                            [STAGE_RCPT] = FAIL_smtp_rcpt_answered,
                                            [STAGE_DATA] = FAIL_smtp_data_answered};

    fail_point(dialog->stage == STAGE_DATA && dialog->left.n == 0 ? FAIL_smtp_dot_answered
                                                                  : answered[dialog->stage]);
}

/* Of an answer of several lines the last one that says something counts. */
static void note_reply(struct dialog *dialog, struct sv line)
{
    struct mail_reply reply;
    struct str text;

    if (dialog->is_over || !mail_reply_parse(line, &reply))
        return;
    if (dialog->is_answer_whole)
        dialog->status[0] = '\0';
    dialog->is_answer_whole = reply.is_last;
    dialog->code = reply.code;
    if (reply.status[0])
        memcpy(dialog->status, reply.status, sizeof dialog->status);
    str_init_in(&text, dialog->text, sizeof dialog->text);
    str_add(&text, sv_head(reply.text, text.limit));
    if (reply.is_last)
        pass_answer(dialog);
}

static int on_talk(CURL *curl, curl_infotype type, char *bytes, size_t n, void *arg)
{
    struct smtp *smtp = OBJ_CAST(smtp, SMTP_MAGIC, arg);

    (void)curl;
    if (type == CURLINFO_HEADER_OUT)
        note_command(&smtp->dialog, (struct sv){bytes, n});
    else if (type == CURLINFO_HEADER_IN)
        note_reply(&smtp->dialog, (struct sv){bytes, n});
    else if (type == CURLINFO_DATA_OUT && smtp->dialog.left.n == 0)
        fail_point(FAIL_smtp_body_said);
    return 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *arg)
{
    struct smtp *smtp = OBJ_CAST(smtp, SMTP_MAGIC, arg);
    struct sv head = sv_head(smtp->dialog.left, size * count);

    memcpy(out, head.p, head.n);
    smtp->dialog.left = sv_skip(smtp->dialog.left, head.n);
    return head.n;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct smtp *smtp = OBJ_CAST(smtp, SMTP_MAGIC, arg);

    (void)down_total, (void)down, (void)up_total, (void)up;
    if (smtp->dialog.stage == STAGE_DATA && smtp->dialog.left.n == 0 &&
        ++smtp->dialog.looks == LOOKS_BEFORE_DOT)
        fail_point(FAIL_smtp_dot_said);
    smtp->while_talking(smtp->arg);
    return 0;
}

/* ---- What became of it ------------------------------------------------------------------------
 */

static bool is_of_the_mail(const struct dialog *dialog)
{
    return dialog->stage >= STAGE_RCPT ||
           (dialog->stage == STAGE_MAIL && dialog->code == SMTP_TOO_LARGE);
}

static void judge(const struct smtp *smtp, CURLcode done, struct mail_result *out)
{
    const struct dialog *dialog = &smtp->dialog;
    /* What the kernel did not take the server has not got. */
    bool was_handed_over =
        dialog->stage == STAGE_DATA && dialog->left.n == 0 && done != CURLE_SEND_ERROR;

    *out = (struct mail_result){.outcome = MAIL_DEFERRED, .code = dialog->code};
    memcpy(out->status, dialog->status, sizeof out->status);
    if (done == CURLE_OK) {
        out->outcome = MAIL_ACCEPTED;
    } else if (dialog->code < 400 && was_handed_over) {
        out->outcome = MAIL_UNKNOWN;
        out->cause = MAIL_CAUSE_RELAY;
    } else if (dialog->code >= 500 && is_of_the_mail(dialog)) {
        out->outcome = MAIL_REFUSED;
        out->cause = mail_reply_cause(dialog->status);
    } else if (dialog->code < 400 || dialog->stage < STAGE_RCPT ||
               dialog->code == SMTP_UNAVAILABLE) {
        out->cause = MAIL_CAUSE_RELAY;
    } else if (mail_reply_is_policy_for_now(dialog->status)) {
        out->cause = MAIL_CAUSE_POLICY;
    }
    if (done == CURLE_OK || dialog->code >= 400) {
        relay_detail(out, sv_of(dialog->text));
    } else {
        out->code = 0;
        out->status[0] = '\0';
        relay_detail(out, sv_of(smtp->trouble[0] ? smtp->trouble : curl_easy_strerror(done)));
    }
}

static void talk(struct smtp *smtp, struct sv bytes, struct mail_result *out)
{
    smtp->dialog = (struct dialog){.left = bytes, .is_answer_whole = true};
    smtp->trouble[0] = '\0';
    judge(smtp, curl_easy_perform(smtp->curl), out);
}

static bool was_reused(const struct smtp *smtp)
{
    long connects = 0;

    return curl_easy_getinfo(smtp->curl, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
           connects == 0;
}

/* A connection may have ended while it was idle, which shows only when it is used. */
void smtp_send(struct smtp *smtp, const char *from, const char *to, struct sv bytes,
               struct mail_result *out)
{
    struct curl_slist *recipients = curl_slist_append(NULL, to);

    if (!recipients)
        die("libcurl has no memory");
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes.n);
    talk(smtp, bytes, out);
    if (out->outcome == MAIL_DEFERRED && out->cause == MAIL_CAUSE_RELAY && was_reused(smtp)) {
        curl_easy_setopt(smtp->curl, CURLOPT_FRESH_CONNECT, 1L);
        talk(smtp, bytes, out);
        curl_easy_setopt(smtp->curl, CURLOPT_FRESH_CONNECT, 0L);
    }
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
}

/* NOOP, once it is signed in. */
void smtp_check(struct smtp *smtp, struct mail_result *out)
{
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
    talk(smtp, SV_NONE, out);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
}

/* ---- Life -------------------------------------------------------------------------------------
 */

static void set_tls(CURL *curl, const struct mail_relay_opts *opts, enum relay_tls tls)
{
    static const long levels[] = {[RELAY_TLS_REQUIRED] = CURLUSESSL_ALL,
                                  [RELAY_TLS_OPTIONAL] = CURLUSESSL_TRY,
                                  [RELAY_TLS_OFF] = CURLUSESSL_NONE};
    bool verify = tls == RELAY_TLS_REQUIRED;

    curl_easy_setopt(curl, CURLOPT_USE_SSL, levels[tls]);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (opts->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, opts->ca_file);
}

/* The path of the URL is the name that EHLO says. */
static void set_server(CURL *curl, const struct mail_relay_opts *opts,
                       const struct relay_place *place)
{
    char text[KB(5)];
    struct str url;

    str_init_in(&url, text, sizeof text);
    str_addf(&url, "%s/%.*s", place->server, SV_ARG(mail_address_domain(sv_of(opts->from))));
    curl_easy_setopt(curl, CURLOPT_URL, text);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* none of the environment */
    if (place->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, place->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, place->password ? place->password : "");
    }
}

struct smtp *smtp_new(const struct mail_relay_opts *opts, const struct relay_place *place)
{
    struct smtp *smtp = x_calloc(1, sizeof *smtp);
    CURL *curl;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(curl = curl_easy_init()))
        die("libcurl does not start");
    smtp->magic = SMTP_MAGIC;
    smtp->curl = curl;
    smtp->while_talking = opts->while_talking;
    smtp->arg = opts->arg;
    set_server(curl, opts, place);
    set_tls(curl, opts, place->tls);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)opts->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)opts->total_ms);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, IDLE_MOST_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* to on_talk, not to standard error */
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->trouble);
    if (opts->while_talking) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
    }
    return smtp;
}

void smtp_free(struct smtp *smtp)
{
    if (!smtp)
        return;
    curl_easy_cleanup(smtp->curl);
    curl_global_cleanup();
    smtp->magic = 0;
    x_free(smtp);
}
