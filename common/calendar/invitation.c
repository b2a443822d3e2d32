/* libical puts an invitation together and writes it; texts are made fit for it before. */
#include "calendar/invitation.h"

#include <string.h>
#include <time.h>

#include <libical/ical.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/str.h"
#include "calendar/timezone.h"

#define PRODUCT "-//Kith//Kith//EN"

/* ---- Texts ----------------------------------------------------------------------------------- */

/* A text without control characters but for the end of a line, which stands as `line_end`. */
static char *clean(struct arena *arena, struct sv text, size_t limit_bytes, char line_end)
{
    struct sv cut = sv_head_utf8(text, limit_bytes);
    char *out = arena_alloc(arena, cut.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < cut.n; i++) {
        unsigned char c = (unsigned char)cut.p[i];

        if (c == '\n')
            out[n++] = line_end;
        else if (c == '\t')
            out[n++] = ' ';
        else if (c >= 0x20 && c != 0x7f)
            out[n++] = (char)c;
    }
    out[n] = '\0';
    return out;
}

/* The name of a person as a parameter's value. How a quote or a caret stands there is RFC 6868's to
 * say, which not every calendar has read. */
static const char *clean_name(struct arena *arena, struct sv name)
{
    char *out = clean(arena, name, INVITATION_NAME_BYTES, ' ');

    for (char *c = out; *c; c++) {
        if (*c == '"')
            *c = '\'';
        else if (*c == '^')
            *c = ' ';
        else if (*c == '\\') /* it escapes nothing here, but not every calendar knows that */
            *c = '/';
    }
    return out;
}

/* A URI with nothing in it that is none, in the characters that may stand where it stands. */
static const char *clean_uri(struct arena *arena, const char *scheme, struct sv text,
                             const char *allowed)
{
    struct str *out = str_new_in(arena, KB(8));

    str_add(out, sv_of(scheme));
    for (size_t i = 0; i < text.n; i++) {
        struct sv one = sv_head(sv_skip(text, i), 1);

        str_add(out, one.p[0] && strchr(allowed, one.p[0]) ? one : percent_encode(arena, one));
    }
    return str_cstr(out);
}

static const char *mailto(struct arena *arena, struct sv address)
{
    return clean_uri(arena, "mailto:", address, "@+!$'*"); /* RFC 6068 §2 */
}

static const char *link_of(struct arena *arena, struct sv url)
{
    return clean_uri(arena, "", sv_head(url, INVITATION_URL_BYTES), ":/?#[]@!$&'()*+,;=%");
}

static const char *description(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    const char *text = clean(arena, opts->description, INVITATION_DESCRIPTION_BYTES, '\n');

    if (!opts->url.n)
        return text;
    return arena_printf(arena, "%s%s%s", text, *text ? "\n\n" : "", link_of(arena, opts->url)).p;
}

/* ---- Properties ------------------------------------------------------------------------------ */

static icalproperty *person(struct arena *arena, icalproperty *property,
                            const struct invitation_person *who)
{
    const char *name = clean_name(arena, who->name);

    if (*name)
        icalproperty_add_parameter(property, icalparameter_new_cn(name));
    return property;
}

static icalproperty *organizer(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    const char *uri = mailto(arena, opts->organizer.address);

    return person(arena, icalproperty_new_organizer(uri), &opts->organizer);
}

/* Who invites himself, as the lead of the district may, has accepted. */
static icalproperty *attendee(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    icalproperty *property = icalproperty_new_attendee(mailto(arena, opts->attendee.address));
    bool is_organizer = sv_eq_nocase(opts->attendee.address, opts->organizer.address);

    icalproperty_add_parameter(property, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
    icalproperty_add_parameter(
        property, icalparameter_new_partstat(is_organizer ? ICAL_PARTSTAT_ACCEPTED
                                                          : ICAL_PARTSTAT_NEEDSACTION));
    icalproperty_add_parameter(
        property, icalparameter_new_rsvp(is_organizer ? ICAL_RSVP_FALSE : ICAL_RSVP_TRUE));
    return person(arena, property, &opts->attendee);
}

static struct icaltimetype date_of(int64_t days)
{
    struct icaltimetype time = icaltime_null_date();

    date_from_days(days, &time.year, &time.month, &time.day);
    return time;
}

static struct icaltimetype instant_of(int64_t ms)
{
    return icaltime_from_timet_with_zone((time_t)(ms / 1000), 0, icaltimezone_get_utc_timezone());
}

/* On the clocks of its place, whose name stands beside it. NULL zone: in UTC. */
static struct icaltimetype local_of(int64_t ms, icaltimezone *zone)
{
    struct icaltimetype time = instant_of(ms);

    if (zone) {
        icaltimezone_convert_time(&time, icaltimezone_get_utc_timezone(), zone);
        time.zone = NULL;
    }
    return time;
}

static void add_local(icalcomponent *event, icalproperty *property, const char *zone)
{
    if (zone)
        icalproperty_add_parameter(property, icalparameter_new_tzid(zone));
    icalcomponent_add_property(event, property);
}

/* Ends are exclusive. `zone` is of what has hours, and has a name; or NULL. */
static void add_time(icalcomponent *event, const struct calendar_invitation_opts *opts,
                     icaltimezone *zone, const char *name)
{
    bool is_day = opts->starts_at_ms == 0;

    add_local(event,
              icalproperty_new_dtstart(is_day ? date_of(opts->due_on)
                                              : local_of(opts->starts_at_ms, zone)),
              name);
    add_local(event,
              icalproperty_new_dtend(is_day ? date_of(opts->due_on + 1)
                                            : local_of(opts->ends_at_ms, zone)),
              name);
    icalcomponent_add_property(
        event, icalproperty_new_transp(is_day ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
}

static icalcomponent *event(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    bool is_cancelled = opts->method == INVITATION_CANCEL;
    icalcomponent *event = icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid(clean(arena, opts->uid, KB(1), ' ')),
        icalproperty_new_sequence((int)opts->sequence),
        icalproperty_new_dtstamp(instant_of(opts->stamped_at_ms)), NULL);
    icalproperty *rest[] = {
        icalproperty_new_status(is_cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED),
        organizer(arena, opts),
        attendee(arena, opts),
        icalproperty_new_summary(clean(arena, opts->summary, INVITATION_NAME_BYTES, ' ')),
        icalproperty_new_description(description(arena, opts)),
    };

    for (size_t i = 0; i < COUNT_OF(rest); i++)
        icalcomponent_add_property(event, rest[i]);
    if (opts->location.n)
        icalcomponent_add_property(event, icalproperty_new_location(clean(
                                              arena, opts->location, INVITATION_NAME_BYTES, ' ')));
    if (opts->url.n)
        icalcomponent_add_property(event, icalproperty_new_url(link_of(arena, opts->url)));
    return event;
}

/* When it is, with the zone that this is told in. */
static void add_when(struct arena *arena, const struct calendar_invitation_opts *opts,
                     icalcomponent *calendar, icalcomponent *event)
{
    const char *name = arena_cstr(arena, opts->zone);
    icaltimezone *zone = opts->starts_at_ms && opts->zone.n ? timezone_named(name) : NULL;

    if (zone)
        icalcomponent_add_component(
            calendar, timezone_component(zone, name, local_of(opts->starts_at_ms, zone)));
    add_time(event, opts, zone, zone ? name : NULL);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool is_address(struct sv address)
{
    size_t at = sv_find(address, '@');

    return at > 0 && at + 1 < address.n;
}

/* Dates past the year 3000 are zeros to libical. */
static bool can_be_made(const struct calendar_invitation_opts *opts)
{
    return opts->uid.n && is_address(opts->organizer.address) &&
           is_address(opts->attendee.address) && opts->due_on >= 0 &&
           opts->due_on < days_from_date(INVITATION_LAST_YEAR, 12, 31);
}

const char *calendar_invitation_method(enum invitation_method method)
{
    return method == INVITATION_CANCEL ? "CANCEL" : "REQUEST";
}

struct sv calendar_invitation(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    icalcomponent *calendar;
    icalcomponent *what;
    struct sv text;
    char *written;

    ENSURE(opts->sequence >= 0 && opts->sequence <= INT32_MAX);
    if (!can_be_made(opts))
        return SV_NONE;
    calendar = icalcomponent_vanew(
        ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"), icalproperty_new_prodid(PRODUCT),
        icalproperty_new_method(opts->method == INVITATION_CANCEL ? ICAL_METHOD_CANCEL
                                                                  : ICAL_METHOD_REQUEST),
        NULL);
    what = event(arena, opts);
    add_when(arena, opts, calendar, what);
    icalcomponent_add_component(calendar, what);
    ENSURE(icalrestriction_check(calendar)); /* what RFC 5546 asks of the method */
    written = icalcomponent_as_ical_string_r(calendar);
    ENSURE(written);
    text = arena_copy(arena, sv_of(written));
    icalmemory_free_buffer(written);
    icalcomponent_free(calendar);
    return text;
}
