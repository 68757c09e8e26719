/* SPDX-License-Identifier: MIT
 *
 * The only C++ file: ctemplate behind a C header.
 */
#include "web/page.h"

#include <ctemplate/template.h>
#include <glib.h>

#include <memory>
#include <string>
#include <vector>

struct page {
    std::string template_name;
    std::unique_ptr<ctemplate::TemplateDictionary> own; /* of the outermost part only */
    ctemplate::TemplateDictionary *dictionary;
    std::vector<std::unique_ptr<page>> parts;

    explicit page(ctemplate::TemplateDictionary *part) : dictionary(part)
    {
    }
};

static struct page *adopt(struct page *whole, ctemplate::TemplateDictionary *part)
{
    whole->parts.emplace_back(new page(part));
    return whole->parts.back().get();
}

void page_init(const char *folder)
{
    ctemplate::Template::SetTemplateRootDirectory(folder);
}

bool page_check(const char *template_name)
{
    return ctemplate::Template::GetTemplate(template_name, ctemplate::DO_NOT_STRIP) != nullptr;
}

struct page *page_new(const char *template_name)
{
    auto *dictionary = new ctemplate::TemplateDictionary(template_name);
    auto *whole = new page(dictionary);

    whole->own.reset(dictionary);
    whole->template_name = template_name;
    return whole;
}

void page_set(struct page *page, const char *name, const char *text)
{
    page->dictionary->SetValue(name, text);
}

void page_set_number(struct page *page, const char *name, long number)
{
    page->dictionary->SetIntValue(name, number);
}

struct page *page_show(struct page *page, const char *section)
{
    return adopt(page, page->dictionary->AddSectionDictionary(section));
}

struct page *page_include(struct page *page, const char *name, const char *template_name)
{
    auto *part = page->dictionary->AddIncludeDictionary(name);

    part->SetFilename(template_name);
    return adopt(page, part);
}

char *page_render(struct page *page)
{
    std::string html;

    if (!ctemplate::ExpandTemplate(page->template_name, ctemplate::DO_NOT_STRIP,
                                   page->dictionary, &html))
        return nullptr;
    return g_strndup(html.data(), html.size());
}

void page_free(struct page *page)
{
    delete page;
}
