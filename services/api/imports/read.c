/* The first half of an import: chunk by chunk from the database, row by row against the
 * declaration, and back as rows that wait. Whoever takes over reads from the start and drops what
 * is there already. */
#include <inttypes.h>

#include "base/encode.h"
#include "gen/stmt.h"
#include "imports/importer.h"
#include "upload.h"

#define BATCH_BYTES (IMPORT_STAGE_BYTES + MB(8)) /* with the row that makes it full */

static void fetch(struct importer *importer);
static void take_rows(struct importer *importer);

static void free_reader(void *arg)
{
    csv_reader_free(arg);
}

static void names_read(struct importer *importer, const struct csv_row *row)
{
    struct import_job *job = importer->job;
    struct json_fault faults[IMPORT_FAULTS];

    job->has_names = true;
    if (import_find_columns(job->arena, row, &job->plan, faults))
        die("an import's columns are not what they were");
}

/* False when no more rows may come. */
static bool take_row(struct importer *importer, const struct csv_row *row, struct sv why)
{
    struct import_job *job = importer->job;

    if (!job->has_names) {
        names_read(importer, row);
        return true;
    }
    if (++job->rows > importer->config->import_rows)
        return false;
    if ((int64_t)row->line <= job->staged_line)
        return true;
    if (!job->batch.row_count)
        job->batch_line = (int64_t)row->line;
    job->last_line = (int64_t)row->line;
    import_add_row(importer->arena, &job->plan, row, why, &job->batch);
    return true;
}

static bool next_row(struct importer *importer, struct csv_row *row, struct sv *why)
{
    struct import_job *job = importer->job;
    struct json_row object;

    *why = SV("");
    if (job->form->kind == IMPORT_CSV)
        return csv_read(job->reader, &job->rest, row) ||
               (job->has_ended && csv_read_end(job->reader, row));
    if (!json_rows_read(job->objects, &job->rest, &object) &&
        (!job->has_ended || !json_rows_end(job->objects, &object)))
        return false;
    if (import_object_row(importer->arena, &object, &job->names, row, why))
        *why = SV("");
    return true;
}

static void staged(struct importer *importer)
{
    str_clear(importer->job->batch.rows);
    str_clear(importer->job->batch.plain);
    importer->job->batch.row_count = 0;
    arena_reset(importer->arena);
    take_rows(importer);
}

static const char *number(struct importer *importer, int64_t value)
{
    return arena_printf(importer->arena, "%" PRId64, value).p;
}

static const char *closed(struct str *list, const char *none, char end)
{
    if (!str_view(list).n)
        return none;
    str_add_char(list, end);
    ENSURE(!str_failed(list));
    return str_cstr(list);
}

static void stage(struct importer *importer)
{
    struct import_job *job = importer->job;
    const char *rows = closed(job->batch.rows, "[]", ']');
    const char *plain = closed(job->batch.plain, "{}", '}');

    importer_begin(importer, job->roles);
    if (job->plan.options.resource->import_at_once)
        IMPORTER_ADD(importer, STMT(import_stage_batch), job->id.text, rows, plain,
                     number(importer, job->batch_line), number(importer, job->last_line),
                     number(importer, (int64_t)job->batch.row_count));
    else
        IMPORTER_ADD(importer, STMT(import_stage), job->id.text, rows);
    importer_run(importer, staged);
}

static void all_read(struct importer *importer)
{
    importer->job->task = importer->job->is_dry_run ? IMPORT_REHEARSE : IMPORT_APPLY;
    importer_apply(importer);
}

static void finish_reading(struct importer *importer)
{
    struct import_job *job = importer->job;

    importer_begin(importer, job->roles);
    IMPORTER_ADD(importer, STMT(import_read_done), job->id.text, number(importer, job->rows));
    importer_add(importer, STMT(import_analyze), NULL, 0);
    importer_run(importer, all_read);
}

static bool has_failed(const struct import_job *job)
{
    uint64_t number;

    return job->form->kind == IMPORT_CSV ? csv_reader_fault(job->reader, &number) != CSV_FAULT_NONE
                                         : json_rows_fault(job->objects, &number) != NULL;
}

static void fail_reading(struct importer *importer)
{
    static const char *const why[] = {
        [CSV_FAULT_ROW_TOO_LARGE] = "is larger than 256 KiB; perhaps a quote is not closed",
        [CSV_FAULT_UNCLOSED_QUOTE] = "has a quote that is not closed",
    };
    uint64_t line;
    enum csv_fault fault;

    if (importer->job->form->kind != IMPORT_CSV) {
        const char *said = json_rows_fault(importer->job->objects, &line);

        importer_fail(importer, "The object %" PRIu64 " %s.", line, said);
        return;
    }
    fault = csv_reader_fault(importer->job->reader, &line);
    importer_fail(importer, "The row on line %" PRIu64 " %s.", line, why[fault]);
}

static bool is_full(const struct importer *importer)
{
    const struct import_job *job = importer->job;
    int64_t most = job->plan.options.resource->import_at_once ? importer->config->import_step_rows
                                                              : IMPORT_STAGE_ROWS;

    return (int64_t)job->batch.row_count >= most ||
           str_view(job->batch.rows).n >= IMPORT_STAGE_BYTES ||
           str_view(job->batch.plain).n >= IMPORT_STAGE_BYTES;
}

/* Rows until a batch is full or the text is used up. */
static void take_rows(struct importer *importer)
{
    struct import_job *job = importer->job;
    struct csv_row row;
    struct sv why;

    while (next_row(importer, &row, &why)) {
        if (!take_row(importer, &row, why)) {
            importer_fail(importer, "The file has more than %" PRId64 " rows.",
                          importer->config->import_rows);
            return;
        }
        if (is_full(importer)) {
            stage(importer);
            return;
        }
    }
    if (has_failed(job))
        fail_reading(importer);
    else if (!job->has_ended)
        fetch(importer);
    else if (job->batch.row_count)
        stage(importer);
    else
        finish_reading(importer);
}

static void fetched(struct importer *importer)
{
    struct import_job *job = importer->job;

    str_clear(job->text);
    job->has_ended = db_row_count(importer->unit, 1) == 0;
    if (job->has_ended)
        csv_decode_end(&job->decoder, job->text);
    else
        csv_decode(&job->decoder,
                   hex_decode(importer->arena, db_text(importer->unit, 1, 0, "bytes")), job->text);
    ENSURE(!str_failed(job->text));
    arena_reset(importer->arena);
    job->rest = str_view(job->text);
    take_rows(importer);
}

static void fetch(struct importer *importer)
{
    struct import_job *job = importer->job;

    importer_begin(importer, job->roles);
    IMPORTER_ADD(importer, STMT(import_chunk_get), job->id.text, number(importer, job->chunk));
    job->chunk++;
    importer_run(importer, fetched);
}

void importer_read(struct importer *importer, char separator)
{
    struct import_job *job = importer->job;

    job->form = import_form_by(separator);
    if (job->form->kind == IMPORT_CSV) {
        job->reader = csv_reader_new(separator);
        arena_defer(job->arena, free_reader, job->reader);
    } else {
        job->objects = import_rows_new(job->arena, job->form);
        job->names = import_object_names(job->arena, &job->plan);
        names_read(importer, &job->names);
    }
    job->text = str_new_in(job->arena, UPLOAD_PIECE_BYTES * DECODED_FACTOR + 1);
    job->batch.rows = str_new_in(job->arena, BATCH_BYTES);
    job->batch.plain = str_new_in(job->arena, BATCH_BYTES);
    fetch(importer);
}
