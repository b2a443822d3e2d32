/* Forms. */
#include "pages/form.h"

#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "http/field.h"

#define FORM_TYPE   SV("application/x-www-form-urlencoded")
#define TYPED       MB(2)
#define CODE_BYTES  64
#define NONCE_BYTES 16

static const struct sv ours[] = {{"form_token", 10}, {"do", 2}};

struct sv page_form_value(const struct page_input *input, const char *name)
{
    const struct sv *value = http_param_find(input->params, input->param_count, sv_of(name));

    return value ? *value : SV_NONE;
}

/* Sec-Fetch-Site says it best, where the browser has it (W3C Fetch Metadata). */
static bool is_from_us(struct req *r)
{
    struct sv site = req_field(r, SV("sec-fetch-site"));
    struct sv origin = req_field(r, SV("origin"));

    if (site.n && !sv_eq(site, SV("same-origin")))
        return false;
    return !origin.n || sv_eq(origin, SV("null")) || sv_eq(origin, sv_of(call_of(r)->api->origin));
}

struct plan *page_form_check(struct req *r, const struct page_input *input)
{
    struct sv token = page_form_token(r);

    if (!is_from_us(r) || !token.n || !secret_equal(page_form_value(input, "form_token"), token))
        return fail_why(r, ERR_FORBIDDEN, "The form is not one of ours, or too old.");
    return NULL;
}

struct plan *page_form_read(struct req *r, struct page_input *out)
{
    struct http_fault fault;

    *out = (struct page_input){.errors = "[]"};
    if (!http_media_type_is(req_field(r, SV("content-type")), FORM_TYPE))
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    if (!http_form_parse(r->arena, r->body, &out->params, &out->param_count, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    return page_form_check(r, out);
}

static bool is_code(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!(text.p[i] >= 'a' && text.p[i] <= 'z') && !char_is_digit(text.p[i]) &&
            text.p[i] != '_')
            return false;
    }
    return text.n <= CODE_BYTES;
}

/* "note.0197…" of a row "note": what follows the point fits, or there is none to follow. */
static bool is_of(const struct page_field *field, struct sv name)
{
    struct sv stem = sv_of(field->json.name);
    struct sv rest = sv_skip(name, stem.n + 1);
    size_t point = sv_find(rest, '.');
    struct uuid id;

    if (field->each == PAGE_ONE)
        return sv_eq(name, stem);
    if (!sv_starts_with(name, stem) || name.n <= stem.n + 1 || name.p[stem.n] != '.')
        return false;
    if (field->each == PAGE_EACH_ID)
        return uuid_parse(rest, &id) && sv_eq(uuid_view(&id), rest);
    if (field->each == PAGE_EACH_PAIR)
        return point < rest.n && is_code(sv_head(rest, point)) && is_code(sv_skip(rest, point + 1));
    return is_code(rest);
}

static const struct page_field *field_of(const struct page_form *form, struct sv name)
{
    for (size_t i = 0; i < form->field_count; i++) {
        if (is_of(&form->fields[i], name))
            return &form->fields[i];
    }
    return NULL;
}

static bool is_ours(struct sv name)
{
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        if (sv_eq(name, ours[i]))
            return true;
    }
    return false;
}

static bool is_blank(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\n')
            return false;
    }
    return true;
}

struct sv page_nonce(struct req *r)
{
    unsigned char bytes[NONCE_BYTES];
    struct sv nonce;

    if (http_cookie_find(&r->head, sv_of(page_cookie_name(r, PAGE_NONCE_COOKIE)), &nonce))
        return nonce;
    secret_random(bytes, sizeof bytes);
    return base64url_encode(r->arena, (struct sv){(const char *)bytes, sizeof bytes});
}

struct sv page_nonce_token(struct req *r, struct sv nonce)
{
    unsigned char mac[SECRET_MAC_BYTES];

    secret_mac(mac, call_of(r)->api->csrf_key, nonce);
    return base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac});
}

/* Three documents that grow together. */
struct binding {
    struct req *r;
    struct emit typed;
    struct emit values;
    struct emit errors;
    bool is_good;
};

static void add_error(struct binding *b, struct sv name, enum json_fault_code code)
{
    b->is_good = false;
    emit_object_begin(&b->errors);
    emit_key(&b->errors, SV("name"));
    emit_text(&b->errors, name);
    emit_key(&b->errors, SV("code"));
    emit_text(&b->errors, sv_of(json_fault_name(code)));
    emit_object_end(&b->errors);
}

static void bind_one(struct binding *b, const struct page_field *field,
                     const struct http_param *param)
{
    struct json_value value = {.text = SV("")};
    struct json_fault fault;
    bool is_long = field->json.type == FIELD_LONG_TEXT;
    struct sv text = is_long ? param->value : sv_trim(param->value);

    emit_key(&b->typed, param->name);
    emit_text(&b->typed, param->value);
    if (is_blank(param->value)) {
        if (field->json.flags & FIELD_REQUIRED)
            add_error(b, param->name, JSON_FAULT_REQUIRED);
    } else if (!json_bind_text(b->r->arena, &field->json, text, &value, &fault)) {
        add_error(b, param->name, fault.code);
    }
    emit_key(&b->values, param->name);
    emit_text(&b->values, value.text);
}

static void bind_missing(struct binding *b, const struct page_form *form,
                         const struct page_input *in)
{
    for (size_t i = 0; i < form->field_count; i++) {
        const struct json_field *field = &form->fields[i].json;

        if (field->flags & FIELD_REQUIRED &&
            !http_param_find(in->params, in->param_count, sv_of(field->name)))
            add_error(b, sv_of(field->name), JSON_FAULT_REQUIRED);
    }
}

static struct str *begin(struct req *r, struct emit *e)
{
    struct str *out = str_new_in(r->arena, TYPED);

    emit_init(e, out);
    return out;
}

struct plan *page_form_bind(struct req *r, const struct page_form *form, struct page_input *out)
{
    struct binding b = {.r = r, .is_good = true};
    struct str *typed = begin(r, &b.typed);
    struct str *values = begin(r, &b.values);
    struct str *errors = begin(r, &b.errors);

    emit_object_begin(&b.typed);
    emit_object_begin(&b.values);
    emit_array_begin(&b.errors);
    for (size_t i = 0; i < out->param_count; i++) {
        const struct page_field *field = field_of(form, out->params[i].name);

        if (field)
            bind_one(&b, field, &out->params[i]);
        else if (!is_ours(out->params[i].name))
            return fail_why(r, ERR_MALFORMED_REQUEST,
                            "The form has a field that it does not have.");
    }
    bind_missing(&b, form, out);
    emit_object_end(&b.typed);
    emit_object_end(&b.values);
    emit_array_end(&b.errors);
    if (!emit_finish(&b.typed) || !emit_finish(&b.values) || !emit_finish(&b.errors))
        return fail(r, ERR_BODY_TOO_LARGE);
    out->typed = str_cstr(typed);
    out->values = str_cstr(values);
    out->errors = str_cstr(errors);
    out->is_good = b.is_good;
    return NULL;
}
