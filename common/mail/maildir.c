/* Mails as files: a folder that mail readers know (https://cr.yp.to/proto/maildir.html).
 *
 * A mail is written to tmp and becomes visible in new by a link, which fails where it is already;
 * so a second attempt, and two at once, leave one file, whole. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/relay_parts.h"

#define FOLDER_MODE 0700
#define FILE_MODE   0600

static bool make_folder(struct arena *arena, const char *path, const char *part)
{
    return mkdir(arena_printf(arena, "%s%s", path, part).p, FOLDER_MODE) == 0 || errno == EEXIST;
}

static bool write_all(int fd, struct sv bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = sv_skip(bytes, (size_t)n);
    }
    return fsync(fd) == 0;
}

static bool write_file(const char *name, struct sv bytes)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    bool good;

    if (fd < 0)
        return false;
    good = write_all(fd, bytes);
    return close(fd) == 0 && good;
}

/* The name is as lasting as the bytes. */
static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

static bool deliver(struct arena *arena, const char *path, const char *name, struct sv bytes)
{
    const char *draft = arena_printf(arena, "%s/tmp/%s.%d", path, name, (int)getpid()).p;
    const char *mail = arena_printf(arena, "%s/new/%s", path, name).p;
    bool good;

    if (!make_folder(arena, path, "") || !make_folder(arena, path, "/tmp") ||
        !make_folder(arena, path, "/new") || !make_folder(arena, path, "/cur"))
        return false;
    good = write_file(draft, bytes) && (link(draft, mail) == 0 || errno == EEXIST);
    if (!good) {
        int before = errno;

        unlink(draft);
        errno = before;
        return false;
    }
    unlink(draft);
    return sync_folder(arena_printf(arena, "%s/new", path).p);
}

void maildir_send(const char *path, const char *name, struct sv bytes, struct mail_result *out)
{
    struct arena *arena = arena_new(KB(32));

    if (deliver(arena, path, name, bytes)) {
        out->outcome = MAIL_ACCEPTED;
    } else {
        out->outcome = MAIL_DEFERRED;
        out->cause = MAIL_CAUSE_RELAY;
        relay_detail(out, sv_of(strerror(errno)));
    }
    arena_free(arena);
}

/* The folder is made if it is not there, as the first mail would make it. */
void maildir_check(const char *path, struct mail_result *out)
{
    struct arena *arena = arena_new(KB(32));

    *out = (struct mail_result){.outcome = MAIL_ACCEPTED};
    if (access(path, W_OK | X_OK) != 0 && (errno != ENOENT || !make_folder(arena, path, ""))) {
        out->outcome = MAIL_DEFERRED;
        out->cause = MAIL_CAUSE_RELAY;
        relay_detail(out, sv_of(strerror(errno)));
    }
    arena_free(arena);
}
