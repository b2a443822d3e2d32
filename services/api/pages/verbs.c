/* The verbs, with the fields of their forms. The tables' checks say the same limits, or more. */
#include "pages/verbs.h"

#include "resources.h"

#define SAID_LONGEST   10000 /* characters of a section of a check-in */
#define NOTE_LONGEST   2000  /* of what stands beside something */
#define POINT_LONGEST  2
#define GUESTS_MOST    20
#define SIGNER_LONGEST 255
#define PLEDGED_MOST   1000000000
#define CAPACITY_MOST  1000000
#define SEAL                                              \
    {                                                     \
        .json = JSON_FIELD("seal", FIELD_TEXT, .max = 32) \
    }

static const char *const progress[] = {"not_started", "on_track", "at_risk", "behind", "met",
                                       "missed",      "no_data",  "dropped", NULL};
static const char *const agreed[] = {"theirs", "not_started", "on_track", "at_risk", "behind",
                                     "met",    "missed",      "no_data",  "dropped", NULL};
static const char *const reasons[] = {"left_org", "not_me", "pass_on", NULL};
static const char *const answers_to_invitation[] = {"accepted", "tentative", "declined", NULL};
static const char *const ratings[] = {"1", "2", "3", "4", NULL};
static const char *const program_statuses[] = {"planned", "active", "paused", "ended", NULL};
static const char *const snoozes[] = {"3", "7", "day", NULL};
static const char *const yes[] = {"yes", NULL};

static const struct page_field half[] = {
    SEAL,
    {.json = JSON_FIELD("goals_set", FIELD_LONG_TEXT, .max = SAID_LONGEST)},
    {.json = JSON_FIELD("progress_assessed", FIELD_LONG_TEXT, .max = SAID_LONGEST)},
    {.json = JSON_FIELD("challenges", FIELD_LONG_TEXT, .max = SAID_LONGEST)},
    {.json = JSON_FIELD("adjustments", FIELD_LONG_TEXT, .max = SAID_LONGEST)},
    {.json = JSON_FIELD("progress", FIELD_ENUM, .values = progress), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("current", FIELD_DECIMAL, .precision = 18, .scale = 6),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, .max = NOTE_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field dispute[] = {
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field snooze[] = {
    {.json = JSON_FIELD("snooze", FIELD_ENUM, FIELD_REQUIRED, .values = snoozes)},
    {.json = JSON_FIELD("snooze_on", FIELD_DATE)},
};
static const struct page_field settlement[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("settled", FIELD_ENUM, .values = agreed), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("amount", FIELD_DECIMAL, .precision = 18, .scale = 6),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("how", FIELD_LONG_TEXT, .max = NOTE_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field action[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_REQUIRED, .max = NOTE_LONGEST)},
    {.json = JSON_FIELD("owner", FIELD_TEXT, .max = 64)},
    {.json = JSON_FIELD("due_on", FIELD_DATE)},
};
static const struct page_field readiness[] = {
    {.json = JSON_FIELD("rating", FIELD_ENUM, .values = ratings), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("remark", FIELD_LONG_TEXT, .max = NOTE_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field school[] = {
    SEAL,
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("site_rating", FIELD_ENUM, .values = ratings), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("site_note", FIELD_LONG_TEXT, .max = SAID_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field item[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
};
static const struct page_field answers[] = {
    {.json = JSON_FIELD("place", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 9999)},
    {.json = JSON_FIELD("page", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 9999)},
    {.json = JSON_FIELD("corrects", FIELD_ENUM, .values = yes)},
    {.json = JSON_FIELD("a", FIELD_LONG_TEXT, .max = NOTE_LONGEST), .each = PAGE_EACH_CODE},
    {.json = JSON_FIELD("i", FIELD_TEXT, .max = POINT_LONGEST), .each = PAGE_EACH_CODE},
    {.json = JSON_FIELD("o", FIELD_TEXT, .max = POINT_LONGEST), .each = PAGE_EACH_CODE},
    {.json = JSON_FIELD("m", FIELD_ENUM, .values = yes), .each = PAGE_EACH_PAIR},
};
static const struct page_field acknowledgment[] = {
    SEAL,
    {.json = JSON_FIELD("read", FIELD_ENUM, .values = yes)},
};
static const struct page_field signature[] = {
    SEAL,
    {.json = JSON_FIELD("signer", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = SIGNER_LONGEST)},
    {.json = JSON_FIELD("consent", FIELD_ENUM, .values = yes)},
    {.json = JSON_FIELD("authority", FIELD_ENUM, .values = yes)},
};
static const struct page_field investment[] = {
    SEAL,
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, .max = NOTE_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field pledge[] = {
    {.json = JSON_FIELD("quantity", FIELD_INT, .min = 1, .max = PLEDGED_MOST)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE)},
    {.json = JSON_FIELD("site", FIELD_ENUM, .values = yes), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("terms", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field refusal[] = {
    {.json = JSON_FIELD("why", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field talk[] = {
    {.json = JSON_FIELD("question", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field record[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = partner_kinds)},
    {.json = JSON_FIELD("ein", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("website", FIELD_URL)},
    {.json = JSON_FIELD("email", FIELD_EMAIL)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("street", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("city", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("state", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("postal_code", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("innovation", FIELD_LONG_TEXT, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("reach", FIELD_ENUM, .values = partner_reaches)},
    {.json = JSON_FIELD("area", FIELD_ENUM, .values = yes), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("fund", FIELD_ENUM, .values = yes), .each = PAGE_EACH_CODE},
    {.json = JSON_FIELD("in_directory", FIELD_ENUM, .values = yes)},
};
static const struct page_field offer[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("offer_name", FIELD_TEXT, .max = NAME_LONGEST), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("offer_kind", FIELD_ENUM, .values = resource_kinds), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("offer_quantity", FIELD_DECIMAL, .precision = 12, .scale = 2),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("offer_unit", FIELD_TEXT, .max = CODE_LONGEST), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("offer_until", FIELD_DATE), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("offer_text", FIELD_LONG_TEXT, .max = TEXT_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field program[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("program_status", FIELD_ENUM, .values = program_statuses),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("program_capacity", FIELD_INT, .min = 0, .max = CAPACITY_MOST),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("program_schedule", FIELD_LONG_TEXT, .max = TEXT_LONGEST),
     .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("program_text", FIELD_LONG_TEXT, .max = TEXT_LONGEST),
     .each = PAGE_EACH_ID},
};
static const struct page_field person[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("person_name", FIELD_TEXT, .max = NAME_LONGEST), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("person_role", FIELD_TEXT, .max = LINE_LONGEST), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("person_email", FIELD_EMAIL), .each = PAGE_EACH_ID},
    {.json = JSON_FIELD("person_phone", FIELD_TEXT, .max = LINE_LONGEST), .each = PAGE_EACH_ID},
};
static const struct page_field credential[] = {
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
    {.json = JSON_FIELD("kind", FIELD_ENUM, .values = credential_kinds)},
    {.json = JSON_FIELD("label", FIELD_TEXT, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("expires_on", FIELD_DATE)},
};
static const struct page_field convening[] = {
    {.json = JSON_FIELD("answer", FIELD_ENUM, .values = answers_to_invitation)},
    {.json = JSON_FIELD("guests", FIELD_INT, .min = 0, .max = GUESTS_MOST)},
    {.json = JSON_FIELD("needs", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field consent[] = {
    SEAL,
    {.json = JSON_FIELD("story_read", FIELD_ENUM, .values = yes)},
    {.json = JSON_FIELD("why", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};
static const struct page_field preferences[] = {
    {.json = JSON_FIELD("topic", FIELD_ENUM, .values = yes), .each = PAGE_EACH_CODE},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_REQUIRED)},
};
static const struct page_field hand_over[] = {
    {.json = JSON_FIELD("tell_reason", FIELD_ENUM, FIELD_REQUIRED, .values = reasons)},
    {.json = JSON_FIELD("tell_email", FIELD_EMAIL)},
    {.json = JSON_FIELD("tell_note", FIELD_LONG_TEXT, .max = NOTE_LONGEST)},
};

static const struct page_verb verbs[] = {
    {"tell", PAGES_OF_MAILS, PAGE_FORM(hand_over)},
    {"check_in_save", "check_in", PAGE_FORM(half)},
    {"check_in_send", "check_in", PAGE_FORM(half)},
    {"check_in_confirm", "check_in", {NULL, 0}},
    {"check_in_dispute", "check_in", PAGE_FORM(dispute)},
    {"check_in_own", "check_in", {NULL, 0}},
    {"snooze", PAGES_OF_MAILS, PAGE_FORM(snooze)},
    {"goal_settle", "check_in", PAGE_FORM(settlement)},
    {"readiness_rate", "check_in", PAGE_FORM(readiness)},
    {"site_rate", "check_in", PAGE_FORM(school)},
    {"action_add", "check_in", PAGE_FORM(action)},
    {"action_done", "check_in", PAGE_FORM(item)},
    {"survey_save", "survey", PAGE_FORM(answers)},
    {"survey_next", "survey", PAGE_FORM(answers), .is_silent = true},
    {"survey_back", "survey", PAGE_FORM(answers), .is_silent = true},
    {"survey_review", "survey", PAGE_FORM(answers), .is_silent = true},
    {"survey_send", "survey", PAGE_FORM(answers)},
    {"survey_decline", "survey", {NULL, 0}},
    {"survey_accept", "survey", {NULL, 0}},
    {"agreement_acknowledge", "agreement", PAGE_FORM(acknowledgment)},
    {"agreement_sign", "agreement", PAGE_FORM(signature)},
    {"investment_confirm", "investments", PAGE_FORM(investment)},
    {"investment_dispute", "investments", PAGE_FORM(investment)},
    {"record_save", "record", PAGE_FORM(record)},
    {"record_rate", "record", PAGE_FORM(readiness)},
    {"offer_add", "record", PAGE_FORM(offer)},
    {"offer_save", "record", PAGE_FORM(offer)},
    {"offer_end", "record", PAGE_FORM(offer)},
    {"program_save", "record", PAGE_FORM(program)},
    {"person_add", "record", PAGE_FORM(person)},
    {"person_save", "record", PAGE_FORM(person)},
    {"person_end", "record", PAGE_FORM(person)},
    {"credential_send", "credential", PAGE_FORM(credential), .has_file = true},
    {"acknowledgment_give", "acknowledgment", PAGE_FORM(acknowledgment)},
    {"ask_pledge", "ask", PAGE_FORM(pledge)},
    {"ask_decline", "ask", PAGE_FORM(refusal)},
    {"ask_talk", "ask", PAGE_FORM(talk)},
    {"convening_answer", "convening", PAGE_FORM(convening)},
    {"training_register", "training", {NULL, 0}},
    {"training_withdraw", "training", {NULL, 0}},
    {"consent_give", "story_consent", PAGE_FORM(consent)},
    {"consent_decline", "story_consent", PAGE_FORM(consent)},
    {"preferences_save", "preferences", PAGE_FORM(preferences)},
    {"preferences_none", "preferences", {NULL, 0}},
    {"preferences_some", "preferences", {NULL, 0}},
};

const struct page_verb *page_verb_find(struct sv name)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (sv_eq(name, sv_of(verbs[i].name)))
            return &verbs[i];
    }
    return NULL;
}
