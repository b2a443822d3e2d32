/* Intrusive doubly linked lists: a link is a member of what it links, an object is in as many lists
 * as it has links. A list's head is a link too; an empty list points to itself. */
#ifndef KITH_BASE_LIST_H
#define KITH_BASE_LIST_H

#include "base/base.h"

struct list {
    struct list *next;
    struct list *prev;
};

static inline void list_init(struct list *head)
{
    head->next = head->prev = head;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

static inline void list_add_before(struct list *at, struct list *link)
{
    link->prev = at->prev;
    link->next = at;
    at->prev->next = link;
    at->prev = link;
}

static inline void list_append(struct list *head, struct list *link)
{
    list_add_before(head, link);
}

static inline void list_prepend(struct list *head, struct list *link)
{
    list_add_before(head->next, link);
}

/* Removing twice does no harm: a removed link is an empty list of its own. */
static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

static inline void list_move(struct list *head, struct list *link)
{
    list_remove(link);
    list_append(head, link);
}

/* The first or last element, or NULL. */
#define LIST_FIRST(head, type, member) \
    (list_is_empty(head) ? NULL : CONTAINER_OF((head)->next, struct type, member))
#define LIST_LAST(head, type, member) \
    (list_is_empty(head) ? NULL : CONTAINER_OF((head)->prev, struct type, member))

/* Walks `link` over a list; with _SAFE the current one may be removed. */
#define LIST_FOREACH(link, head) \
    for (struct list *link = (head)->next; (link) != (head); (link) = (link)->next)
#define LIST_FOREACH_SAFE(link, after, head)                                        \
    for (struct list *link = (head)->next, *after = (link)->next; (link) != (head); \
         (link) = (after), (after) = (link)->next)

#endif
