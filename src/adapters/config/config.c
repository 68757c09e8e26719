/* SPDX-License-Identifier: MIT
 *
 * The configuration file as structures.
 */
#include "adapters/config/parse.h"
#include "base/error.h"

static void application_type_free(gpointer data)
{
    struct application_type *type = data;

    g_free(type->id);
    g_free(type->name);
    g_free(type->text);
    g_free(type);
}

static void location_release(gpointer data)
{
    location_free(data);
}

const char *config_file(const char *argument)
{
    const char *environment = g_getenv("APPSMTP_CONFIG");

    if (argument)
        return argument;
    return environment && *environment ? environment : SYSCONFDIR "/appsmtp/appsmtp.xml";
}

const char *config_data_folder(void)
{
    const char *environment = g_getenv("APPSMTP_DATADIR");

    return environment && *environment ? environment : DATADIR;
}

static bool parse_site(struct config *c, const xmlNode *node, GError **error)
{
    g_autofree char *installed = g_build_filename(config_data_folder(), "templates", NULL);
    g_autoptr(GUri) base = NULL;

    c->site_name = xml_text(node, "name", NULL);
    c->help_contact = xml_text(node, "help", NULL);
    c->base_url = xml_text(node, "base-url", NULL);
    c->templates = xml_text(node, "templates", installed);
    if (g_str_has_suffix(c->base_url, "/"))
        c->base_url[strlen(c->base_url) - 1] = '\0';
    c->secure = g_str_has_prefix(c->base_url, "https:");
    base = g_uri_parse(c->base_url, G_URI_FLAGS_NONE, NULL);
    if (!base || !g_uri_get_host(base)) {
        xml_error(node, error, "base-url=\"%s\" is not a URL", c->base_url);
        return false;
    }
    if (!c->secure && !g_str_equal(g_uri_get_host(base), "localhost") &&
        !g_str_has_prefix(g_uri_get_host(base), "127.")) {
        xml_error(node, error, "base-url=\"%s\": only a site on localhost may go without https",
                  c->base_url);
        return false;
    }
    return true;
}

static void parse_relay(struct config *c, const xmlNode *node)
{
    g_autofree char *uses = NULL;

    c->relay.host = xml_text(node, "host", NULL);
    c->relay.port = xml_number(node, "port", 25);
    c->relay.name = xml_text(node, "name", "relay");
    c->relay.null_sender = xml_is(node, "null-sender", "allow");
    c->relay.relays = xml_number(node, "relays", 1);
    c->relay.export_minutes = xml_number(node, "export-minutes", 5);
    c->relay.message_megabytes = xml_number(node, "message-megabytes", 25);
    c->relay.output = xml_text(node, "output", "/var/lib/appsmtp/export");
    uses = g_build_filename(c->relay.output, "uses", NULL);
    c->relay.uses = xml_text(node, "uses", uses);
    c->relay.postmap = xml_text(node, "postmap", "/usr/sbin/postmap");
}

static void parse_export(struct config *c, const xmlNode *node)
{
    c->export.format = xml_text(node, "format", "postfix");
    c->export.most_removed = xml_number(node, "most-removed", 30);
    c->export.most_added = xml_number(node, "most-added", 200);
    c->export.skip_unfit = xml_is(node, "unfit", "skip");
    c->export.gone_hours = xml_number(node, "hostname-gone-hours", 24);
    c->export.makemap = xml_text(node, "makemap", "/usr/sbin/makemap");
    c->export.program_seconds = xml_number(node, "program-seconds", 120);
    c->export.reload = xml_text(node, "reload", "");
}

static bool parse_network(struct location *location, const xmlNode *node, GError **error)
{
    g_autofree char *text = xml_content(node);
    struct network network;

    if (network_parse(text, &network) != NETWORK_OK) {
        xml_error(node, error, "\"%s\" is not a network like 10.1.0.0/16", text);
        return false;
    }
    g_array_append_val(location->networks, network);
    return true;
}

static bool parse_location(struct config *c, const xmlNode *node, GError **error)
{
    g_autofree char *id = xml_text(node, "id", NULL);
    g_autofree char *name = xml_text(node, "name", NULL);
    struct location *location = location_new(id, name);
    bool known = location_find(c->locations, id) != NULL;

    g_ptr_array_add(c->locations, location);
    if (known) {
        xml_error(node, error, "there are two locations \"%s\"", id);
        return false;
    }
    location->largest_ipv4 = xml_number(node, "largest-ipv4", 24);
    location->largest_ipv6 = xml_number(node, "largest-ipv6", 64);
    for (const xmlNode *at = xml_child(node, "network"); at; at = xml_next(at))
        if (!parse_network(location, at, error))
            return false;
    return true;
}

static bool parse_locations(struct config *c, const xmlNode *node, GError **error)
{
    c->locations = g_ptr_array_new_with_free_func(location_release);
    for (const xmlNode *at = xml_child(node, "location"); at; at = xml_next(at))
        if (!parse_location(c, at, error))
            return false;
    return true;
}

/* Many scanners send as one address, so each is counted by itself unless the file says otherwise. */
static bool is_per_source(const char *id, const xmlNode *node)
{
    const char *standard = g_str_equal(id, "scanner") ? "source" : "sender";
    g_autofree char *per = xml_text(node, "per", standard);

    return g_str_equal(per, "source");
}

static void read_type(struct config *c, const xmlNode *node)
{
    struct application_type *type = g_new0(struct application_type, 1);

    type->id = xml_text(node, "id", NULL);
    type->name = xml_text(node, "name", NULL);
    type->text = xml_content(node);
    type->recipients_per_hour = xml_number(node, "recipients-per-hour", 0);
    type->per_source = is_per_source(type->id, node);
    g_ptr_array_add(c->application_types, type);
}

struct standard_type {
    const char *id, *name, *text;
    unsigned per_hour;
};

static void add_standard_type(struct config *c, const struct standard_type *standard)
{
    struct application_type *type = g_new0(struct application_type, 1);

    *type = (struct application_type){g_strdup(standard->id), g_strdup(standard->name),
                                      g_strdup(standard->text), standard->per_hour,
                                      is_per_source(standard->id, NULL)};
    g_ptr_array_add(c->application_types, type);
}

/* The three types of the service; the file may give them other words and rates. */
static void parse_types(struct config *c, const xmlNode *node)
{
    static const struct standard_type standard[] = {
        {"web-application", "Web Application", "A web site or program that sends messages.", 1000},
        {"scanner", "Scanner", "A scanner or printer that sends what it scans.", 200},
        {"device-monitor", "Device Monitor", "A device or system that sends alerts.", 500},
    };

    c->application_types = g_ptr_array_new_with_free_func(application_type_free);
    for (const xmlNode *at = xml_child(node, "type"); at; at = xml_next(at))
        read_type(c, at);
    for (size_t i = 0; i < G_N_ELEMENTS(standard); i++)
        if (!config_application_type(c, standard[i].id))
            add_standard_type(c, &standard[i]);
}

static void parse_certificates(struct config *c, const xmlNode *node)
{
    c->certificates.trust_store =
        xml_text(node, "trust-store", "/etc/ssl/certs/ca-certificates.crt");
    c->certificates.weak_keys = xml_text(node, "weak-keys", CERTIFICATE_WEAK_KEYS);
    c->certificates.grace_days = xml_number(node, "grace-days", 30);
    c->certificates.private_roots = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *at = xml_child(node, "private-root"); at; at = xml_next(at))
        g_ptr_array_add(c->certificates.private_roots, xml_text(at, "file", NULL));
}

static void parse_resolver(struct config *c, const xmlNode *node)
{
    c->resolver.deadline_ms = xml_milliseconds(node, "deadline-seconds", 5000);
    c->resolver.servers = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *at = xml_child(node, "server"); at; at = xml_next(at))
        g_ptr_array_add(c->resolver.servers, xml_text(at, "address", NULL));
}

static bool parse_sign_in(struct config *c, const xmlNode *node, GError **error)
{
    struct sign_in_settings *s = &c->sign_in;
    const xmlNode *front = xml_child(node, "front");

    s->kind = front ? SIGN_IN_SINGLE_SIGN_ON : SIGN_IN_DIRECTORY;
    s->idle_minutes = xml_number(node, "idle-minutes", 30);
    s->absolute_hours = xml_number(node, "absolute-hours", 12);
    s->failures = xml_number(node, "failures", 4);
    s->account_failures = xml_number(node, "account-failures", 8);
    s->network_failures = xml_number(node, "network-failures", 100);
    s->failure_minutes = xml_number(node, "failure-minutes", 30);
    s->user_parameter = xml_text(front, "user-parameter", "PORTAL_USER");
    s->secret_parameter = xml_text(front, "secret-parameter", "PORTAL_FRONT");
    s->secret_file = xml_text(front, "secret-file", "");
    s->sign_in_url = xml_text(front, "sign-in-url", "");
    /* Whatever begins with HTTP_ is the client's word; REMOTE_USER may be, too. */
    if (g_str_has_prefix(s->user_parameter, "HTTP_") ||
        g_str_equal(s->user_parameter, "REMOTE_USER") ||
        g_str_has_prefix(s->secret_parameter, "HTTP_")) {
        xml_error(front, error, "a client can forge %s: name a parameter of your own, "
                  "like PORTAL_USER", s->user_parameter);
        return false;
    }
    return !front || secret_check(front, "secret-file", s->secret_file, error);
}

static bool parse_database_role(struct database_role *role, const xmlNode *node,
                                const char *standard, GError **error)
{
    role->user = xml_text(node, "user", standard);
    role->password_file = xml_text(node, "password-file", "");
    return !node || secret_check(node, "password-file", role->password_file, error);
}

static bool parse_database(struct config *c, const xmlNode *node, GError **error)
{
    struct database_settings *d;

    if (!node)
        return true;
    c->database = d = g_new0(struct database_settings, 1);
    d->connection = xml_text(node, "connection", NULL);
    d->unprotected = xml_is(node, "unprotected", "allowed");
    if (strstr(d->connection, "password")) {
        xml_error(node, error, "connection holds a password: name its file in password-file");
        return false;
    }
    return parse_database_role(&d->portal, xml_child(node, "portal"), "appsmtp_portal", error) &&
           parse_database_role(&d->export, xml_child(node, "export"), "appsmtp_export", error) &&
           parse_database_role(&d->notify, xml_child(node, "notify"), "appsmtp_notify", error) &&
           parse_database_role(&d->admin, xml_child(node, "admin"), "appsmtp_owner", error);
}

static bool parse_directory(struct config *c, const xmlNode *node, GError **error)
{
    if (!node)
        return true;
    c->directory = directory_settings_parse(node, error);
    return c->directory != NULL;
}

static void parse_notices(struct config *c, const xmlNode *node)
{
    struct notices_settings *n;

    if (!node)
        return;
    c->notices = n = g_new0(struct notices_settings, 1);
    n->smtp = xml_text(node, "smtp", NULL);
    n->from = xml_text(node, "from", NULL);
    n->relay_team = xml_text(node, "relay-team", NULL);
    n->deadline_ms = xml_milliseconds(node, "deadline-seconds", 60000);
    n->ca_file = xml_text(node, "ca-file", "/etc/ssl/certs/ca-certificates.crt");
    n->tls = xml_is(node, "tls", "demand")  ? SMTP_TLS_DEMAND
             : xml_is(node, "tls", "never") ? SMTP_TLS_NEVER
                                            : SMTP_TLS_TRY;
}

/* What is right or wrong beyond the schema, each part for itself. */
static const struct {
    const char *element;
    bool (*parse)(struct config *c, const xmlNode *node, GError **error);
} parts[] = {
    {"site", parse_site},         {"locations", parse_locations}, {"sign-in", parse_sign_in},
    {"directory", parse_directory}, {"database", parse_database},
};

static void parse_plain_parts(struct config *c, const xmlNode *root)
{
    parse_relay(c, xml_child(root, "relay"));
    parse_export(c, xml_child(root, "export"));
    parse_types(c, xml_child(root, "application-types"));
    parse_certificates(c, xml_child(root, "certificates"));
    parse_resolver(c, xml_child(root, "resolver"));
    parse_notices(c, xml_child(root, "notices"));
    c->request_ms = xml_milliseconds(xml_child(root, "limits"), "request-seconds", 9000);
    c->workers = xml_number(xml_child(root, "limits"), "workers", 4);
}

/* Adds what is wrong to the mistakes. */
static struct config *read_all(const char *file, GPtrArray **mistakes)
{
    g_autofree char *schema =
        g_build_filename(config_data_folder(), "schema", "appsmtp.rng", NULL);
    g_autoptr(xmlDoc) document = NULL;
    auto_ptr(config) config = g_new0(struct config, 1);
    const xmlNode *root;

    *mistakes = xml_mistakes(file, schema, &document);
    if (!document)
        return NULL;
    root = xmlDocGetRootElement(document);
    config->file = g_strdup(file);
    parse_plain_parts(config, root);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(GError) error = NULL;
        if (!parts[i].parse(config, xml_child(root, parts[i].element), &error))
            g_ptr_array_add(*mistakes, g_strdup(error->message));
    }
    return (*mistakes)->len == 0 ? g_steal_pointer(&config) : NULL;
}

struct config *config_read(const char *file, GError **error)
{
    g_autoptr(GPtrArray) mistakes = NULL;
    struct config *config = read_all(file, &mistakes);

    if (!config)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                            g_ptr_array_index(mistakes, 0));
    return config;
}

struct config *config_test(const char *file, GPtrArray **mistakes)
{
    return read_all(file, mistakes);
}

static void database_role_clear(struct database_role *role)
{
    g_free(role->user);
    g_free(role->password_file);
}

static void database_settings_free(struct database_settings *d)
{
    if (!d)
        return;
    g_free(d->connection);
    database_role_clear(&d->portal);
    database_role_clear(&d->export);
    database_role_clear(&d->notify);
    database_role_clear(&d->admin);
    g_free(d);
}

static void notices_settings_free(struct notices_settings *n)
{
    if (!n)
        return;
    g_free(n->smtp);
    g_free(n->from);
    g_free(n->relay_team);
    g_free(n->ca_file);
    g_free(n);
}

void config_free(struct config *c)
{
    if (!c)
        return;
    char *const strings[] = {
        c->file,
        c->site_name,
        c->help_contact,
        c->base_url,
        c->templates,
        c->relay.host,
        c->relay.name,
        c->relay.output,
        c->relay.uses,
        c->relay.postmap,
        c->export.format,
        c->export.makemap,
        c->export.reload,
        c->certificates.trust_store,
        c->certificates.weak_keys,
        c->sign_in.user_parameter,
        c->sign_in.secret_parameter,
        c->sign_in.secret_file,
        c->sign_in.sign_in_url,
    };
    GPtrArray *const lists[] = {c->locations, c->application_types, c->certificates.private_roots,
                                c->resolver.servers};
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (lists[i])
            g_ptr_array_unref(lists[i]);
    directory_settings_free(c->directory);
    database_settings_free(c->database);
    notices_settings_free(c->notices);
    g_free(c);
}

static bool need(const struct config *config, const void *part, const char *element,
                 GError **error)
{
    if (part)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "%s: this program needs the element <%s>, which is missing", config->file,
                element);
    return false;
}

bool config_need_directory(const struct config *config, GError **error)
{
    return need(config, config->directory, "directory", error);
}

bool config_need_database(const struct config *config, GError **error)
{
    return need(config, config->database, "database", error);
}

bool config_need_notices(const struct config *config, GError **error)
{
    return need(config, config->notices, "notices", error);
}

const struct application_type *config_application_type(const struct config *config, const char *id)
{
    for (guint i = 0; i < config->application_types->len; i++) {
        const struct application_type *type = g_ptr_array_index(config->application_types, i);
        if (g_str_equal(type->id, id))
            return type;
    }
    return NULL;
}
