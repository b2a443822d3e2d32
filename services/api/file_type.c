/* What a file is, by its bytes. */
#include "file_type.h"

#include "http/field.h"

const struct file_type file_types[] = {
    {"application/pdf", false},
    {"image/png", false},
    {"image/jpeg", false},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", false},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", false},
    {"application/vnd.oasis.opendocument.text", false},
    {"application/vnd.oasis.opendocument.spreadsheet", false},
    {"text/plain", true},
    {"text/csv", true},
    {NULL, false},
};

/* By what a file begins with, and by what else stands in its head: both formats of offices are
 * archives whose members' names, or first member, tell them apart. */
static const struct {
    const char *media_type;
    const char *begins;
    const char *has;
} signs[] = {
    {"application/pdf", "%PDF-", ""},
    {"image/png", "\x89PNG\r\n\x1a\n", ""},
    {"image/jpeg", "\xff\xd8\xff", ""},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04",
     "word/document.xml"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04",
     "xl/workbook.xml"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK\x03\x04",
     "ppt/presentation.xml"},
    {"application/vnd.oasis.opendocument.text", "PK\x03\x04",
     "mimetypeapplication/vnd.oasis.opendocument.textPK"},
    {"application/vnd.oasis.opendocument.spreadsheet", "PK\x03\x04",
     "mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"},
};

static bool has(struct sv text, struct sv part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        if (sv_starts_with(sv_skip(text, i), part))
            return true;
    }
    return false;
}

const struct file_type *file_type_named(struct sv media_type)
{
    for (const struct file_type *type = file_types; type->media_type; type++) {
        if (http_media_type_is(media_type, sv_of(type->media_type)))
            return type;
    }
    return NULL;
}

const struct file_type *file_type_of(struct sv head, bool is_text)
{
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (sv_starts_with(head, sv_of(signs[i].begins)) && has(head, sv_of(signs[i].has)))
            return file_type_named(sv_of(signs[i].media_type));
    }
    return is_text ? file_type_named(SV("text/plain")) : NULL;
}

bool file_is_text(struct sv bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];

        if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f'))
            return false;
    }
    return true;
}
