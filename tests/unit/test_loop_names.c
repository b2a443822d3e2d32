/* Names and their addresses, from a resolver that answers when a test lets it. */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "loop/names.h"

#define FAR_MS 600000

static struct loop *loop;
static struct names *names;

/* ---- The resolver, in the place of the system's -----------------------------------------------
 */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool is_closed; /* a name that begins with "slow" waits */
    atomic_uint asked;
    atomic_uint answered;
} resolver = {.lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static void close_resolver(bool is_closed)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.is_closed = is_closed;
    pthread_cond_broadcast(&resolver.opened);
    pthread_mutex_unlock(&resolver.lock);
}

/* "many" has more addresses than are kept, "empty" none, "nobody" is no name, any other has two. */
static int answer(const char *host, struct addrinfo **found)
{
    unsigned n = strcmp(host, "many") == 0 ? NAME_ADDRESSES_MOST + 1 : 2;

    *found = NULL;
    if (strcmp(host, "nobody") == 0)
        return EAI_NONAME;
    for (unsigned i = n; i > 0 && strcmp(host, "empty") != 0; i--) {
        struct addrinfo *one = calloc(1, sizeof *one + sizeof(struct sockaddr_in));
        struct sockaddr_in *address = (void *)(one + 1);

        address->sin_family = AF_INET;
        address->sin_addr.s_addr = htonl(0x0a000000 + i);
        one->ai_addr = (void *)address;
        one->ai_addrlen = sizeof *address;
        one->ai_next = *found;
        *found = one;
    }
    return 0;
}

int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
    int error;

    assert_null(service);
    if (hints->ai_flags & AI_NUMERICHOST)
        return host[0] >= '0' && host[0] <= '9' ? answer("numeric", found) : EAI_NONAME;
    atomic_fetch_add(&resolver.asked, 1);
    pthread_mutex_lock(&resolver.lock);
    while (resolver.is_closed && strncmp(host, "slow", 4) == 0)
        pthread_cond_wait(&resolver.opened, &resolver.lock);
    pthread_mutex_unlock(&resolver.lock);
    error = answer(host, found);
    atomic_fetch_add(&resolver.answered, 1);
    return error;
}

void freeaddrinfo(struct addrinfo *all)
{
    while (all) {
        struct addrinfo *next = all->ai_next;

        free(all);
        all = next;
    }
}

/* ---- Who asks -------------------------------------------------------------------------------- */

struct asking {
    struct names_asker asker;
    unsigned told;
    bool asks_again;
};

static struct asking first, second;

static void done(void *arg)
{
    struct asking *asking = arg;

    asking->told++;
    if (asking->asks_again && asking->told < 3)
        names_ask(names, &asking->asker);
}

static int setup(void **state)
{
    (void)state;
    close_resolver(false);
    atomic_store(&resolver.asked, 0);
    atomic_store(&resolver.answered, 0);
    first = second = (struct asking){0};
    names_asker_init(&first.asker, done, &first);
    names_asker_init(&second.asker, done, &second);
    loop = loop_new();
    return 0;
}

/* Whatever thread has asked has its answer before the next test: each test waits until all have. */
static int teardown(void **state)
{
    (void)state;
    names_free(names);
    names = NULL;
    loop_free(loop);
    close_resolver(false);
    while (atomic_load(&resolver.answered) < atomic_load(&resolver.asked))
        sched_yield();
    return 0;
}

#define OPEN(deadline_ms, ...)                                                                \
    names = names_new(loop, (const char *const[]){__VA_ARGS__},                               \
                      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *const), \
                      deadline_ms)

#define AWAIT(condition)                                                     \
    do {                                                                     \
        int64_t until_ms = clock_mono_ms() + 10000;                          \
        while (!(condition) && clock_mono_ms() < until_ms)                   \
            event_base_loop(loop_base(loop), EVLOOP_ONCE | EVLOOP_NONBLOCK); \
        assert_true(condition);                                              \
    } while (0)

static void ask(struct asking *asking)
{
    unsigned before = asking->told;

    names_ask(names, &asking->asker);
    assert_int_equal(asking->told, before);
}

static const char *address(size_t number, size_t nth)
{
    assert_true(nth < names_addresses(names, number)->n);
    return names_addresses(names, number)->text[nth];
}

static void has_none(size_t number, const char *why)
{
    assert_int_equal(names_addresses(names, number)->n, 0);
    assert_string_equal(names_addresses(names, number)->why, why);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void test_a_name_has_its_addresses_in_their_order(void **state)
{
    (void)state;
    OPEN(FAR_MS, "db", "redis");
    ask(&first);
    AWAIT(first.told == 1);
    assert_int_equal(names_addresses(names, 0)->n, 2);
    assert_string_equal(address(0, 0), "10.0.0.1");
    assert_string_equal(address(0, 1), "10.0.0.2");
    assert_string_equal(address(1, 0), "10.0.0.1");
    assert_int_equal(atomic_load(&resolver.asked), 2);
}

static void test_every_asking_is_a_new_one(void **state)
{
    (void)state;
    OPEN(FAR_MS, "db");
    first.asks_again = true;
    ask(&first);
    AWAIT(first.told == 3);
    assert_int_equal(atomic_load(&resolver.asked), 3);
}

static void test_of_many_addresses_some_are_left_out(void **state)
{
    (void)state;
    OPEN(FAR_MS, "many");
    ask(&first);
    AWAIT(first.told == 1);
    assert_int_equal(names_addresses(names, 0)->n, NAME_ADDRESSES_MOST);
    assert_string_equal(address(0, NAME_ADDRESSES_MOST - 1), "10.0.0.16");
}

static void test_without_an_address_it_says_why(void **state)
{
    (void)state;
    OPEN(FAR_MS, "nobody", "empty", "db");
    ask(&first);
    AWAIT(first.told == 1);
    has_none(0, "nobody: Name or service not known");
    has_none(1, "empty: it has no address");
    assert_string_equal(address(2, 0), "10.0.0.1");
}

static void test_a_long_name_does_not_fill_the_reason(void **state)
{
    char host[2000];

    (void)state;
    memset(host, 'x', sizeof host - 1);
    memcpy(host, "slow", 4);
    host[sizeof host - 1] = '\0';
    close_resolver(true);
    OPEN(1, host);
    ask(&first);
    AWAIT(first.told == 1 && atomic_load(&resolver.asked) == 1);
    assert_true(strstr(names_addresses(names, 0)->why, "x: the resolver has not answered in 1 ms"));
}

static void test_a_number_is_its_own_answer(void **state)
{
    (void)state;
    OPEN(FAR_MS, "10.0.0.1");
    for (unsigned i = 1; i <= 3; i++) {
        ask(&first);
        AWAIT(first.told == i);
        assert_string_equal(address(0, 0), "10.0.0.1");
    }
    assert_int_equal(atomic_load(&resolver.asked), 0);
}

static void test_who_asks_for_nothing_is_told_so(void **state)
{
    (void)state;
    names = names_new(loop, NULL, 0, FAR_MS);
    ask(&first);
    AWAIT(first.told == 1);
}

static void test_all_who_ask_share_one_look_up(void **state)
{
    (void)state;
    close_resolver(true);
    OPEN(FAR_MS, "slow");
    ask(&first);
    ask(&second);
    ask(&second);
    AWAIT(atomic_load(&resolver.asked) == 1);
    close_resolver(false);
    AWAIT(first.told == 1 && second.told == 1);
    assert_int_equal(atomic_load(&resolver.asked), 1);
}

static void test_the_deadline_is_told_and_what_comes_late_is_for_the_next(void **state)
{
    (void)state;
    close_resolver(true);
    OPEN(5, "slow");
    ask(&first);
    AWAIT(first.told == 1);
    has_none(0, "slow: the resolver has not answered in 5 ms");
    ask(&first);
    AWAIT(first.told == 2 &&
          atomic_load(&resolver.asked) == 1); /* one thread waits for it, not two */
    close_resolver(false);
    AWAIT(atomic_load(&resolver.answered) == 1);
    while (first.told < 100 && names_addresses(names, 0)->n == 0) {
        ask(&first);
        AWAIT(list_is_empty(&first.asker.link));
    }
    assert_string_equal(address(0, 0), "10.0.0.1");
    assert_int_equal(atomic_load(&resolver.asked), 1);
}

static void test_who_forgets_is_not_told(void **state)
{
    (void)state;
    close_resolver(true);
    OPEN(FAR_MS, "slow");
    ask(&first);
    ask(&second);
    names_forget(&first.asker);
    names_forget(&first.asker);
    close_resolver(false);
    AWAIT(second.told == 1);
    assert_int_equal(first.told, 0);
    ask(&first);
    AWAIT(first.told == 1);
}

static void test_what_everybody_forgot_is_for_who_asks_next(void **state)
{
    (void)state;
    close_resolver(true);
    OPEN(20, "slow");
    ask(&first);
    names_forget(&first.asker);
    close_resolver(false);
    AWAIT(names_addresses(names, 0)->n == 2);
    ask(&second);
    AWAIT(second.told == 1);
    assert_string_equal(address(0, 0), "10.0.0.1");
    assert_int_equal(first.told, 0);
    assert_int_equal(atomic_load(&resolver.asked), 1);
}

/* teardown lets the threads go on, when all they had is gone. */
static void test_the_end_waits_for_no_resolver(void **state)
{
    (void)state;
    close_resolver(true);
    OPEN(FAR_MS, "slow1", "slow2", "slow3");
    ask(&first);
    ask(&second);
    AWAIT(atomic_load(&resolver.asked) == 3);
    names_free(names);
    names = NULL;
    assert_int_equal(first.told + second.told, 0);
}

static void test_as_many_names_as_there_may_be(void **state)
{
    const char *hosts[NAMES_MOST];

    (void)state;
    for (size_t i = 0; i < NAMES_MOST; i++)
        hosts[i] = "db";
    names = names_new(loop, hosts, NAMES_MOST, FAR_MS);
    ask(&first);
    AWAIT(first.told == 1);
    assert_string_equal(address(NAMES_MOST - 1, 1), "10.0.0.2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_name_has_its_addresses_in_their_order),
        TEST(test_every_asking_is_a_new_one),
        TEST(test_of_many_addresses_some_are_left_out),
        TEST(test_without_an_address_it_says_why),
        TEST(test_a_long_name_does_not_fill_the_reason),
        TEST(test_a_number_is_its_own_answer),
        TEST(test_who_asks_for_nothing_is_told_so),
        TEST(test_all_who_ask_share_one_look_up),
        TEST(test_the_deadline_is_told_and_what_comes_late_is_for_the_next),
        TEST(test_who_forgets_is_not_told),
        TEST(test_what_everybody_forgot_is_for_who_asks_next),
        TEST(test_the_end_waits_for_no_resolver),
        TEST(test_as_many_names_as_there_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
