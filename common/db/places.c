/* A URL's lists, taken apart and put together again, as libpq reads them: a list of ports is as
 * long as that of hosts, or is one port for all. */
#include "db/places.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define LIST_BYTES KB(128) /* each host with all of its addresses */

/* As libpq looks for it: what the URL does not say, the environment may. */
static struct sv value_of(struct arena *arena, const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o && o->keyword; o++) {
        if (strcmp(o->keyword, keyword) == 0)
            return arena_copy(arena, sv_of(o->val || !o->envvar ? o->val : getenv(o->envvar)));
    }
    return SV_NONE;
}

static size_t elements(struct sv list)
{
    size_t n = 1;

    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == ',';
    return n;
}

/* "" where the list is shorter. */
static const char *take(struct arena *arena, struct sv *list)
{
    struct sv one;

    return sv_split(list, ',', &one) ? arena_cstr(arena, one) : "";
}

static void add_place(struct places *places, const char *host, const char *address,
                      const char *port)
{
    struct place *place = &places->list[places->n++];

    *place = (struct place){.host = host, .address = address, .port = port};
    place->has_name = !address[0] && host[0] && host[0] != '/' && host[0] != '@';
    if (!place->has_name)
        return;
    place->name = places->name_count;
    places->names[places->name_count++] = host;
}

static void add_places(struct arena *arena, struct sv hosts, struct sv addresses, struct sv ports,
                       struct places *out)
{
    size_t n = elements(addresses.n ? addresses : hosts);
    bool has_one_port = elements(ports) == 1;
    const char *port = has_one_port ? arena_cstr(arena, ports) : "";

    if ((hosts.n && elements(hosts) != n) || (!has_one_port && elements(ports) != n))
        return;
    if (n > NAMES_MOST)
        log_warn("the database's URL has too many hosts", F_INT("most", NAMES_MOST));
    for (size_t i = 0; i < size_min(n, NAMES_MOST); i++) {
        const char *host = take(arena, &hosts);
        const char *address = take(arena, &addresses);

        add_place(out, host, address, has_one_port ? port : take(arena, &ports));
    }
}

void places_parse(struct arena *arena, const char *url, struct places *out)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);

    *out = (struct places){0};
    if (options)
        add_places(arena, value_of(arena, options, "host"), value_of(arena, options, "hostaddr"),
                   value_of(arena, options, "port"), out);
    PQconninfoFree(options);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static size_t address_count(const struct place *place, const struct names *names)
{
    return place->has_name ? names_addresses(names, place->name)->n : 1;
}

/* The place of an address, by its number among all; that is the number within the place then. */
static const struct place *place_of(const struct places *places, const struct names *names,
                                    size_t *number)
{
    const struct place *place = places->list;

    while (*number >= address_count(place, names))
        *number -= address_count(place++, names);
    return place;
}

static void add(struct str *list, bool is_first, const char *text)
{
    str_addf(list, "%s%s", is_first ? "" : ",", text);
}

static const char *no_address(const struct places *places, const struct names *names)
{
    return names_addresses(names, places->list[0].name)->why;
}

bool places_list(struct arena *arena, const struct places *places, const struct names *names,
                 size_t first, struct place_lists *out, const char **why)
{
    struct str *host = str_new_in(arena, LIST_BYTES);
    struct str *address = str_new_in(arena, LIST_BYTES);
    struct str *port = str_new_in(arena, LIST_BYTES);
    size_t n = 0;

    *out = (struct place_lists){NULL, NULL, NULL};
    for (size_t i = 0; i < places->n; i++)
        n += address_count(&places->list[i], names);
    if (places->n > 0 && n == 0)
        *why = no_address(places, names);
    for (size_t i = 0; i < n; i++) {
        size_t number = (first + i) % n;
        const struct place *place = place_of(places, names, &number);

        add(host, i == 0, place->host);
        add(port, i == 0, place->port);
        add(address, i == 0,
            place->has_name ? names_addresses(names, place->name)->text[number] : place->address);
    }
    ENSURE(!str_failed(host) && !str_failed(address) && !str_failed(port));
    if (n > 0)
        *out = (struct place_lists){str_cstr(host), str_cstr(address), str_cstr(port)};
    return places->n == 0 || n > 0;
}
