/* SPDX-License-Identifier: MIT
 *
 * Bars, one a day, each of up to three parts on top of each other.
 */
#include "web/picture-view.h"

#include "adapters/database/picture.h"

/* Units of the drawing; the page makes it as wide as there is room. */
#define BAR 18
#define GAP 2
#define TALL 100

struct series {
    const char *name; /* also the style sheet's */
    const char *words;
    size_t place; /* of the number in struct picture_day */
};

static const struct chart {
    const char *title;
    struct series series[3]; /* from the bottom; fewer end with NULL */
} charts[] = {
    {"Registrations at the end of each day",
     {{"good", "live", offsetof(struct picture_day, live)},
      {"wait", "suspended", offsetof(struct picture_day, suspended)},
      {"past", "retired", offsetof(struct picture_day, retired)}}},
    {"Exports a day",
     {{"good", "with changes", offsetof(struct picture_day, published)},
      {"past", "without", offsetof(struct picture_day, unchanged)},
      {NULL, NULL, 0}}},
    {"Decisions of the relays a day",
     {{"good", "permitted", offsetof(struct picture_day, permitted)},
      {"bad", "refused", offsetof(struct picture_day, refused)},
      {"wait", "put off", offsetof(struct picture_day, deferred)}}},
};

static gint64 number(const struct picture_day *day, const struct series *series)
{
    return *(const gint64 *)(const void *)((const char *)day + series->place);
}

static gint64 sum(const struct picture_day *day, const struct chart *chart)
{
    gint64 all = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(chart->series) && chart->series[i].name; i++)
        all += number(day, &chart->series[i]);
    return all;
}

static gint64 find_highest(const GPtrArray *days, const struct chart *chart)
{
    gint64 highest = 0;

    for (guint i = 0; i < days->len; i++)
        highest = MAX(highest, sum(g_ptr_array_index(days, i), chart));
    return highest;
}

/* ---- one chart ---- */

/* A part of a number that is not 0 is always seen. */
static void draw_bar(struct page *figure, const struct picture_day *day, const struct chart *chart,
                     gint64 highest, guint at)
{
    long bottom = TALL;

    for (size_t i = 0; i < G_N_ELEMENTS(chart->series) && chart->series[i].name; i++) {
        gint64 value = number(day, &chart->series[i]);
        long height = value ? MAX(1, (long)(value * TALL / highest)) : 0;
        struct page *bar;
        if (!value)
            continue;
        bottom -= height;
        bar = page_show(figure, "BAR");
        page_set(bar, "SERIES", chart->series[i].name);
        page_set_number(bar, "LEFT", (long)at * (BAR + GAP));
        page_set_number(bar, "TOP", MAX(0, bottom));
        page_set_number(bar, "WIDE", BAR);
        page_set_number(bar, "TALL", height);
    }
}

/* "Exports a day: 12 with changes, 276 without today", and which colour is which. */
static void show_legend(struct page *figure, const struct picture_day *today,
                        const struct chart *chart)
{
    page_set(figure, "TITLE", chart->title);
    for (size_t i = 0; i < G_N_ELEMENTS(chart->series) && chart->series[i].name; i++) {
        struct page *entry = page_show(figure, "SERIES_ENTRY");
        page_set(entry, "SERIES", chart->series[i].name);
        page_set(entry, "WORDS", chart->series[i].words);
        page_set_number(entry, "TODAY", (long)number(today, &chart->series[i]));
    }
}

static void show_chart(struct page *picture, const GPtrArray *days, const struct chart *chart)
{
    struct page *figure = page_show(picture, "CHART");
    const struct picture_day *first = g_ptr_array_index(days, 0);
    const struct picture_day *today = g_ptr_array_index(days, days->len - 1);
    gint64 highest = find_highest(days, chart);

    show_legend(figure, today, chart);
    page_set(figure, "FIRST", first->day);
    page_set(figure, "LAST", today->day);
    page_set_number(figure, "HIGHEST", (long)highest);
    page_set_number(figure, "ALL_WIDE", (long)days->len * (BAR + GAP) - GAP);
    page_set_number(figure, "ALL_TALL", TALL);
    for (guint i = 0; i < days->len && highest; i++)
        draw_bar(figure, g_ptr_array_index(days, i), chart, highest, i);
}

/* ---- the table ---- */

static void show_row(struct page *picture, const struct picture_day *day)
{
    struct page *row = page_show(picture, "DAY");

    page_set(row, "DATE", day->day);
    for (size_t c = 0; c < G_N_ELEMENTS(charts); c++)
        for (size_t i = 0; i < G_N_ELEMENTS(charts[c].series) && charts[c].series[i].name; i++)
            page_set_number(page_show(row, "NUMBER"), "VALUE",
                            (long)number(day, &charts[c].series[i]));
}

void picture_view_show(struct page *body, const GPtrArray *days)
{
    struct page *picture = page_include(body, "PICTURE", "operator-picture.tpl");

    for (size_t c = 0; c < G_N_ELEMENTS(charts); c++)
        show_chart(picture, days, &charts[c]);
    for (guint i = days->len; i > 0; i--)
        show_row(picture, g_ptr_array_index(days, i - 1));
}
