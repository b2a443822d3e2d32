/* The web app's files, in a table by their names. */
#include "web.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/str.h"
#include "http/field.h"

#define FOR_EVER    "public, max-age=31536000, immutable"
#define ASKED_ANEW  "public, no-cache"
#define ETAG_DIGITS 32 /* of the hash */

/* No script, style or picture but our own files; no address but our own. */
#define POLICY                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "  \
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "    \
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; " \
    "trusted-types kith"

enum coding { PLAIN, BROTLI, GZIP, CODINGS };
static const struct {
    const char *ending;
    const char *name;
} codings[CODINGS] = {[BROTLI] = {".br", "br"}, [GZIP] = {".gz", "gzip"}};

static const struct {
    const char *ending;
    const char *media_type;
} media_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webmanifest", "application/manifest+json"},
};

struct file {
    struct sv name; /* "assets/…" below that folder */
    const char *media_type;
    struct sv etag; /* of the plain bytes; a coding's name goes with it */
    struct sv bytes[CODINGS];
};

static struct arena *kept; /* for the life of the process */
static struct file files[WEB_FILES];
static size_t file_count;

/* ---- Reading them ---- */

static const char *media_type_of(struct sv name)
{
    for (size_t i = 0; i < COUNT_OF(media_types); i++) {
        if (sv_ends_with(name, sv_of(media_types[i].ending)))
            return media_types[i].media_type;
    }
    return NULL;
}

static bool read_file(const char *path, struct sv *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    size_t n = 0;
    ssize_t got = 1;
    char *bytes;

    if (fd < 0 || fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode) ||
        (size_t)stat.st_size > WEB_FILE_BYTES) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bytes = arena_alloc(kept, (size_t)stat.st_size + 1);
    while (got > 0 && n < (size_t)stat.st_size) {
        got = read(fd, bytes + n, (size_t)stat.st_size - n);
        n += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    *out = (struct sv){bytes, n};
    return n == (size_t)stat.st_size;
}

/* One file with what it is compressed. */
static bool add_file(const char *folder, const char *below, const char *name)
{
    struct file *file = &files[file_count];

    if (file_count == WEB_FILES)
        return false;
    *file = (struct file){.name = arena_printf(kept, "%s%s", below, name),
                          .media_type = media_type_of(sv_of(name))};
    if (!file->media_type ||
        !read_file(arena_printf(kept, "%s/%s%s", folder, below, name).p, &file->bytes[PLAIN]))
        return false;
    for (int coding = PLAIN + 1; coding < CODINGS; coding++) {
        const char *path =
            arena_printf(kept, "%s/%s%s%s", folder, below, name, codings[coding].ending).p;

        if (access(path, F_OK) == 0 && !read_file(path, &file->bytes[coding]))
            return false;
    }
    file->etag = sv_head(secret_sha256_hex(kept, file->bytes[PLAIN]), ETAG_DIGITS);
    file_count++;
    return true;
}

static bool is_compressed(const char *name)
{
    return sv_ends_with(sv_of(name), SV(".br")) || sv_ends_with(sv_of(name), SV(".gz"));
}

static bool add_folder(const char *folder, const char *below, const char **out_why)
{
    const char *path = arena_printf(kept, "%s/%s", folder, below).p;
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool is_good = true;

    if (!dir) {
        *out_why = arena_printf(kept, "%s is no folder that can be read", path).p;
        return false;
    }
    while (is_good && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR || is_compressed(entry->d_name))
            continue;
        is_good = add_file(folder, below, entry->d_name);
        if (!is_good)
            *out_why =
                arena_printf(kept, "%s%s cannot be read, is too large, or is no file of a web app",
                             path, entry->d_name)
                    .p;
    }
    closedir(dir);
    return is_good;
}

static int by_name(const void *a, const void *b)
{
    return sv_compare(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static const struct file *find(struct sv name)
{
    struct file wanted = {.name = name};

    return bsearch(&wanted, files, file_count, sizeof *files, by_name);
}

bool web_prepare(const char *folder, const char **out_why)
{
    if (!folder || !*folder)
        return true;
    kept = arena_new(MB(64));
    if (!add_folder(folder, "", out_why) || !add_folder(folder, "assets/", out_why))
        return false;
    qsort(files, file_count, sizeof *files, by_name);
    *out_why = "it has no index.html; services/web makes one";
    return find(SV("index.html")) != NULL;
}

bool web_is_there(void)
{
    return file_count > 0;
}

/* ---- Answering with them ---- */

static enum coding coding_for(struct req *r, const struct file *file)
{
    for (int coding = PLAIN + 1; coding < CODINGS; coding++) {
        if (file->bytes[coding].n && http_coding_is_accepted(&r->head, sv_of(codings[coding].name)))
            return (enum coding)coding;
    }
    return PLAIN;
}

static void keep(void *arg)
{
    (void)arg;
}

static struct plan *answer(struct req *r, const struct file *file, const char *how_long)
{
    struct sv known = req_field(r, SV("if-none-match"));
    enum coding coding;
    struct sv etag;

    if (!file)
        return fail(r, ERR_NOT_FOUND);
    coding = coding_for(r, file);
    etag = arena_printf(r->arena, "\"%.*s%s\"", SV_ARG(file->etag),
                        coding ? codings[coding].name : "");
    reply_field(r, "ETag", etag);
    reply_field(r, "Cache-Control", sv_of(how_long));
    reply_field(r, "Vary", SV("Accept-Encoding"));
    reply_field(r, "Content-Security-Policy", SV(POLICY));
    reply_field(r, "Referrer-Policy", SV("same-origin"));
    reply_field(r, "X-Robots-Tag", SV("noindex, nofollow"));
    reply_field(r, "Service-Worker-Allowed", SV("/app")); /* and not only what stands below it */
    if (coding)
        reply_field(r, "Content-Encoding", sv_of(codings[coding].name));
    if (known.n && http_etag_matches_weak(known, etag))
        return reply_empty(r, 304);
    return reply_owned(r, 200, file->media_type, file->bytes[coding], keep, NULL);
}

STEP(web_page)
{
    return answer(r, find(SV("index.html")), ASKED_ANEW);
}

STEP(web_file)
{
    const struct file *file = find(r->captures[0]);

    return file ? answer(r, file, ASKED_ANEW) : web_page(r);
}

STEP(web_asset)
{
    return answer(r, find(arena_printf(r->arena, "assets/%.*s", SV_ARG(r->captures[0]))), FOR_EVER);
}
