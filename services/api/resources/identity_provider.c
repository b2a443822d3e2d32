/* Where people of a district sign in besides here. The secret is set by an action, encrypted before
 * it goes to the database, and in no representation. */
#include "action.h"
#include "resources.h"

#define SECRET_LONGEST 500
#define ISSUER_LONGEST 2000

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("label", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "What the button on the page for signing in says.")},
    {.json =
         JSON_FIELD("issuer", FIELD_URL, FIELD_REQUIRED | FIELD_CREATE_ONLY, .max = ISSUER_LONGEST,
                    .doc = "The issuer exactly as its discovery document has it; https.")},
    {.json = JSON_FIELD("client_id", FIELD_TEXT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = LINE_LONGEST, .doc = "What the provider calls this Kith.")},
    {.json = JSON_FIELD("scopes", FIELD_TEXT, 0, .max = LINE_LONGEST,
                        .doc = "Asked for, with spaces between; openid is one of them."),
     .create_default = "'openid email profile'"},
    {.json = JSON_FIELD("vouches_for_email", FIELD_BOOL,
                        .doc = "Its e-mail addresses are all verified, though its tokens do not "
                               "say so."),
     .create_default = "false"},
    {.json = JSON_FIELD("is_active", FIELD_BOOL, .doc = "Whether people may sign in there."),
     .create_default = "true"},
    {.json = JSON_FIELD("has_secret", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Whether set_secret has set one; nothing shows it."),
     .sql = "t.sealed_secret IS NOT NULL"},
};

static const struct json_field secret_fields[] = {
    JSON_FIELD("client_secret", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = SECRET_LONGEST,
               .doc = "As the provider gave it; kept encrypted, and in no reply. Null: a public "
                      "client, which has none."),
};
static const struct resource_action actions[] = {
    {.verb = "set_secret",
     .summary = "Set the secret by which one identity provider knows this Kith",
     .seals = true,
     ACTION_FIELDS(secret_fields)},
};

struct resource res_identity_provider = {
    .name = "identity_provider",
    .plural = "identity_providers",
    .doc = "Where people sign in besides here (OpenID Connect): users who were invited, known by "
           "their e-mail address once and by the provider's own name for them ever after. The "
           "redirect URI to tell the provider is /login/oidc/callback of this Kith's address.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_ADMIN},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
