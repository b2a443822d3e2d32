/* Time zones in calendars: what an IANA name stands for, as the system's own data have it, told in
 * the file itself (RFC 5545 §3.6.5), as a calendar may know other rules, or none of that name. */
#ifndef KITH_CALENDAR_TIMEZONE_H
#define KITH_CALENDAR_TIMEZONE_H

#include <libical/ical.h>

/* libical's, for the life of the process; NULL: there is none of that name. */
icaltimezone *timezone_named(const char *name);

/* A VTIMEZONE of that name with the rules in force at a local time, and not the century before
 * them, which some calendars refuse. The caller's. */
icalcomponent *timezone_component(icaltimezone *zone, const char *name, struct icaltimetype at);

#endif
