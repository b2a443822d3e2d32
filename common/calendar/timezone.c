#include "calendar/timezone.h"

#include "base/base.h"

#define YEAR_DAYS 366

icaltimezone *timezone_named(const char *name)
{
    return icaltimezone_get_builtin_timezone(name);
}

/* Whether clocks have been changed by it in the year before, or will be. */
static bool is_in_use(icalcomponent *observance, struct icaltimetype year_before)
{
    icalproperty *rule = icalcomponent_get_first_property(observance, ICAL_RRULE_PROPERTY);
    icalproperty *date = icalcomponent_get_first_property(observance, ICAL_RDATE_PROPERTY);

    if (rule) {
        struct icaltimetype until = icalproperty_get_rrule(rule).until;

        return icaltime_is_null_time(until) || icaltime_compare(until, year_before) >= 0;
    }
    for (; date; date = icalcomponent_get_next_property(observance, ICAL_RDATE_PROPERTY))
        if (icaltime_compare(icalproperty_get_rdate(date).time, year_before) >= 0)
            return true;
    return icaltime_compare(icalcomponent_get_dtstart(observance), year_before) >= 0;
}

/* Whether both tell the same offset from UTC then. */
static bool agrees(icalcomponent *component, icaltimezone *zone, struct icaltimetype at)
{
    icaltimezone *told = icaltimezone_new();
    bool is_same;

    ENSURE(icaltimezone_set_component(told, icalcomponent_new_clone(component)));
    is_same = icaltimezone_get_utc_offset(told, &at, NULL) ==
              icaltimezone_get_utc_offset(zone, &at, NULL);
    icaltimezone_free(told, 1);
    return is_same;
}

/* Of a zone that has left off changing its clocks nothing is in use: then what came last holds. */
static icalcomponent *in_force(icalcomponent *all, const char *name, struct icaltimetype at)
{
    icalcomponent *zone =
        icalcomponent_vanew(ICAL_VTIMEZONE_COMPONENT, icalproperty_new_tzid(name), NULL);
    icalcomponent *one = icalcomponent_get_first_component(all, ICAL_ANY_COMPONENT);
    icalcomponent *last = NULL;
    struct icaltimetype year_before = at;

    icaltime_adjust(&year_before, -YEAR_DAYS, 0, 0, 0);
    for (; one; one = icalcomponent_get_next_component(all, ICAL_ANY_COMPONENT)) {
        struct icaltimetype start = icalcomponent_get_dtstart(one);

        if (icaltime_compare(start, at) > 0)
            continue;
        if (is_in_use(one, year_before))
            icalcomponent_add_component(zone, icalcomponent_new_clone(one));
        if (!last || icaltime_compare(start, icalcomponent_get_dtstart(last)) >= 0)
            last = one;
    }
    if (last && !icalcomponent_count_components(zone, ICAL_ANY_COMPONENT))
        icalcomponent_add_component(zone, icalcomponent_new_clone(last));
    return zone;
}

icalcomponent *timezone_component(icaltimezone *zone, const char *name, struct icaltimetype at)
{
    icalcomponent *all = icaltimezone_get_component(zone);
    icalcomponent *told = in_force(all, name, at);

    if (!agrees(told, zone, at)) { /* of a history that nobody has thought of: all of it */
        icalcomponent_free(told);
        told = icalcomponent_new_clone(all);
        icalproperty_set_tzid(icalcomponent_get_first_property(told, ICAL_TZID_PROPERTY), name);
    }
    return told;
}
