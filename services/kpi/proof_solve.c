/* GLPK: a column for each class and one for its numerator, a row for each sum and one for its
 * numerator, and a row for each class: its numerator is no more than it is. */
#include "proof_solve.h"

#include <glpk.h>
#include <math.h>
#include <stdlib.h>

#include "proof.h"

#define POINTS_MOST   32 /* of a component, that are kept */
#define PROBLEMS_MOST 16 /* GLPK's, which are large, of those that were asked last */

struct asked_class {
    struct asked_class *next;
    const struct proof_class *class;
    bool is_all_of_it;
};

struct known_sum {
    struct known_sum *next;
    const struct proof_class *all;
    const uint32_t *classes;
    size_t n;
};

struct proof_component {
    struct arena *arena;
    struct known_sum *sums;
    struct class_link {
        struct class_link *next;
        struct proof_class *class;
    } * classes;
    int class_n;
    int column_n;
    int sum_n;
    bool is_whole;
    bool is_numerator_whole;
    glp_prob *problem; /* made when something is asked that exchange does not settle */
    struct asked_class *asked;
    double **points; /* of what was found, the last: what each column is there */
    size_t point_n;
    struct proof_problems *problems;
};

struct proof_problems {
    struct proof_component *of[PROBLEMS_MOST];
    size_t n; /* that were made */
};

static void forget(struct proof_component *component)
{
    if (!component)
        return;
    glp_delete_prob(component->problem);
    component->problem = NULL;
}

static void forget_all(void *arg)
{
    struct proof_problems *problems = arg;

    for (size_t i = 0; i < PROBLEMS_MOST; i++)
        forget(problems->of[i]);
}

struct proof_problems *proof_problems_new(struct arena *arena)
{
    struct proof_problems *problems = ARENA_NEW(arena, proof_problems);

    arena_defer(arena, forget_all, problems);
    return problems;
}

struct proof_component *proof_component_new(struct arena *arena, struct proof_problems *problems)
{
    struct proof_component *component = ARENA_NEW(arena, proof_component);

    component->arena = arena;
    component->problems = problems;
    component->is_whole = component->is_numerator_whole = true;
    return component;
}

static int column_of_same(const struct proof_component *component, const struct proof_class *class)
{
    for (const struct class_link *link = component->classes; link && class->same;
         link = link->next) {
        if (link->class->same == class->same)
            return link->class->column;
    }
    return 0;
}

void proof_component_add(struct proof_component *component, struct proof_class *class)
{
    struct class_link *link = ARENA_NEW(component->arena, class_link);

    class->column = column_of_same(component, class);
    if (!class->column)
        class->column = ++component->column_n;
    if (class->has_numerator)
        class->numerator_column = ++component->column_n;
    link->class = class;
    link->next = component->classes;
    component->classes = link;
    component->class_n++;
    component->is_whole = component->is_whole && class->is_whole;
    component->is_numerator_whole = component->is_numerator_whole && class->is_numerator_whole;
}

void proof_component_sum(struct proof_component *component, const struct proof_class *all,
                         const uint32_t *classes, size_t n)
{
    struct known_sum *sum = ARENA_NEW(component->arena, known_sum);

    *sum = (struct known_sum){.next = component->sums, .all = all, .classes = classes, .n = n};
    component->sums = sum;
    component->sum_n++;
}

void proof_component_ask(struct proof_component *component, const struct proof_class *class,
                         bool is_all_of_it)
{
    struct asked_class *asked = ARENA_NEW(component->arena, asked_class);

    *asked = (struct asked_class){
        .next = component->asked, .class = class, .is_all_of_it = is_all_of_it};
    component->asked = asked;
}

static void set_sum(glp_prob *problem, const int *columns, const double *ones, int n, double total)
{
    int row = glp_add_rows(problem, 1);

    glp_set_mat_row(problem, row, n, columns, ones);
    glp_set_row_bnds(problem, row, GLP_FX, total, total);
}

/* Members of a class stand in a sum all or not at all, so that a class comes once into its rows.
 * Where a numerator is not known any more, that of the sum is not, either. */
static void add_sum(struct proof_component *component, const struct known_sum *sum, int *columns,
                    int *numerators, const double *ones)
{
    double total = 0;
    double numerator = 0;
    bool has_numerator = true;
    int n = 0;

    for (size_t i = 0; i < sum->n; i++) {
        const struct proof_class *class = &sum->all[sum->classes[i]];
        bool is_new = true;

        for (int k = 1; k <= n && is_new; k++)
            is_new = columns[k] != class->column;
        if (!is_new)
            continue;
        columns[++n] = class->column;
        numerators[n] = class->numerator_column;
        total += class->value;
        numerator += class->numerator;
        has_numerator = has_numerator && class->has_numerator;
    }
    set_sum(component->problem, columns, ones, n, total);
    if (has_numerator)
        set_sum(component->problem, numerators, ones, n, numerator);
}

/* numerator - share * count, at most zero, or at least. */
static void add_share(struct proof_component *component, const struct proof_class *class,
                      double share, int kind)
{
    int columns[] = {0, class->numerator_column, class->column};
    double factors[] = {0, 1, -share};
    int row = glp_add_rows(component->problem, 1);

    glp_set_mat_row(component->problem, row, 2, columns, factors);
    glp_set_row_bnds(component->problem, row, kind, 0, 0);
}

static void add_class(struct proof_component *component, const struct proof_class *class)
{
    int kind = class->most <= 0 ? GLP_LO : class->most > class->least ? GLP_DB : GLP_FX;

    glp_set_col_bnds(component->problem, class->column, kind, class->least, class->most);
    glp_set_col_kind(component->problem, class->column, component->is_whole ? GLP_IV : GLP_CV);
    if (!class->has_numerator)
        return;
    glp_set_col_bnds(component->problem, class->numerator_column, GLP_LO, 0, 0);
    glp_set_col_kind(component->problem, class->numerator_column,
                     component->is_numerator_whole ? GLP_IV : GLP_CV);
    add_share(component, class, class->rate_most > 0 ? class->rate_most : 1, GLP_UP);
    if (class->rate_least > 0)
        add_share(component, class, class->rate_least, GLP_LO);
}

/* In the place of the one that was made longest ago. */
static void make_problem(struct proof_component *component)
{
    struct proof_component **place =
        &component->problems->of[component->problems->n++ % PROBLEMS_MOST];
    size_t room = (size_t)component->column_n + 1;
    int *columns = ARENA_ARRAY(component->arena, int, room);
    int *numerators = ARENA_ARRAY(component->arena, int, room);
    double *ones = ARENA_ARRAY(component->arena, double, room);

    glp_term_out(GLP_OFF);
    forget(*place);
    *place = component;
    component->problem = glp_create_prob();
    glp_add_cols(component->problem, component->column_n);
    for (size_t i = 0; i < room; i++)
        ones[i] = 1;
    for (const struct class_link *link = component->classes; link; link = link->next)
        add_class(component, link->class);
    for (const struct known_sum *sum = component->sums; sum; sum = sum->next)
        add_sum(component, sum, columns, numerators, ones);
}

/* ---- Searching ---------------------------------------------------------------------------------
 */

struct searching {
    int direction;
    const struct proof_range *enough;
};

static bool is_enough(const struct searching *searching, double value)
{
    if (!searching->enough)
        return false;
    return searching->direction == GLP_MIN ? value <= searching->enough->low + PROOF_NEAR
                                           : value >= searching->enough->high - PROOF_NEAR;
}

static void stop_when_enough(glp_tree *tree, void *info)
{
    int nodes;

    glp_ios_tree_size(tree, NULL, NULL, &nodes);
    if (nodes > PROOF_NODES_MOST || (glp_ios_reason(tree) == GLP_IBINGO &&
                                     is_enough(info, glp_mip_obj_val(glp_ios_get_prob(tree)))))
        glp_ios_terminate(tree);
}

/* The least needs those alone whose whole class is asked for. */
static bool counts_for(const struct asked_class *asked, int direction)
{
    return direction == GLP_MAX || asked->is_all_of_it;
}

/* What was found for one may be enough for another. */
static bool is_known(const struct proof_component *component, const struct searching *searching,
                     double *out)
{
    for (size_t i = 0; i < component->point_n && i < POINTS_MOST; i++) {
        *out = 0;
        for (const struct asked_class *asked = component->asked; asked; asked = asked->next) {
            if (counts_for(asked, searching->direction))
                *out += component->points[i][asked->class->column];
        }
        if (is_enough(searching, *out))
            return true;
    }
    return false;
}

static void keep_point(struct proof_component *component)
{
    double **point;

    if (!component->points)
        component->points = ARENA_ARRAY(component->arena, double *, POINTS_MOST);
    point = &component->points[component->point_n++ % POINTS_MOST];
    if (!*point)
        *point = ARENA_ARRAY(component->arena, double, (size_t)component->column_n + 1);
    for (int column = 1; column <= component->column_n; column++)
        (*point)[column] = glp_mip_col_val(component->problem, column);
}

static void set_objective(struct proof_component *component, int direction)
{
    glp_set_obj_dir(component->problem, direction);
    for (int column = 1; column <= component->column_n; column++)
        glp_set_obj_coef(component->problem, column, 0);
    for (const struct asked_class *asked = component->asked; asked; asked = asked->next) {
        if (counts_for(asked, direction))
            glp_set_obj_coef(component->problem, asked->class->column, 1);
    }
}

/* HUGE_VAL where nothing bounds it. */
static bool search(struct proof_component *component, struct searching searching, double *out)
{
    glp_iocp how;
    int status;

    if (is_known(component, &searching, out))
        return true;
    glp_init_iocp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.presolve = GLP_ON;
    how.cb_func = stop_when_enough;
    how.cb_info = &searching;
    set_objective(component, searching.direction);
    status = glp_intopt(component->problem, &how);
    if (status == GLP_ENODFS && searching.direction == GLP_MAX) {
        *out = HUGE_VAL;
        return true;
    }
    *out = glp_mip_obj_val(component->problem);
    if (status == 0 ? glp_mip_status(component->problem) != GLP_OPT
                    : status != GLP_ESTOP || glp_mip_status(component->problem) != GLP_FEAS ||
                          !is_enough(&searching, *out))
        return false;
    keep_point(component);
    return true;
}

bool proof_component_range(struct proof_component *component, const struct proof_range *enough,
                           double *low, double *high)
{
    double least = 0;
    double most = 0;
    bool is_found = component->class_n <= PROOF_UNKNOWNS_MOST;

    if (is_found && !component->problem)
        make_problem(component);
    if (is_found)
        is_found = search(component, (struct searching){GLP_MIN, enough}, &least);
    if (is_found && high)
        is_found = search(component, (struct searching){GLP_MAX, enough}, &most);
    component->asked = NULL;
    *low += least;
    if (high)
        *high += most;
    return is_found;
}
