#include "cmail.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

void cmail_confine(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "martlet-mail", 0, 0, 0);
}

long cmail_receive(uint8_t *bytes, unsigned long size) {
    struct pollfd ready = {0, POLLIN, 0};
    while (poll(&ready, 1, -1) < 0)
        if (errno != EINTR) return 0;
    long length = recv(0, bytes, size, 0);
    return length < 0 ? 0 : length;
}

void cmail_reply(const uint8_t *bytes, unsigned long length) {
    send(0, bytes, length, MSG_NOSIGNAL);
}

struct letter {
    const uint8_t *rest;
    unsigned long left;
};

static size_t read_letter(char *buffer, size_t size, size_t count, void *context) {
    struct letter *letter = context;
    size_t part = size * count < letter->left ? size * count : letter->left;
    memcpy(buffer, letter->rest, part);
    letter->rest += part;
    letter->left -= part;
    return part;
}

struct reply {
    char *text;
    unsigned long size;
};

// Every line that the server says: the last complaint is kept.
static size_t hear(char *line, size_t size, size_t count, void *context) {
    struct reply *reply = context;
    size_t length = size * count;
    if (length > 3 && (line[0] == '4' || line[0] == '5')) {
        size_t part = length < reply->size - 1 ? length : reply->size - 1;
        while (part > 0 && (line[part - 1] == '\n' || line[part - 1] == '\r')) part--;
        memcpy(reply->text, line, part);
        reply->text[part] = 0;
    }
    return length;
}

struct replies {
    uint8_t *digits;
    unsigned long count;
    // Asked for so many; is_asking: the answer to the last one is still to come.
    unsigned long asked;
    int is_asking;
};

// libcurl tells of recipients together only, so their replies are taken from the conversation: one
// command, then its answer.
static int overhear(CURL *curl, curl_infotype kind, char *data, size_t length, void *context) {
    static const char command[] = "RCPT TO:";
    struct replies *replies = context;
    (void)curl;
    if (kind == CURLINFO_HEADER_OUT) {
        replies->is_asking =
            length > sizeof command && memcmp(data, command, sizeof command - 1) == 0;
        replies->asked += replies->is_asking;
    } else if (kind == CURLINFO_HEADER_IN && replies->is_asking && length > 3 && data[3] != '-') {
        if (replies->asked <= replies->count) replies->digits[replies->asked - 1] = data[0];
        replies->is_asking = 0;
    }
    return 0;
}

static CURLU *address(const struct cmail_order *order) {
    CURLU *url = curl_url();
    if (!url) return NULL;
    char host[300];
    int is_ipv6 = strchr(order->server, ':') && order->server[0] != '[';
    snprintf(host, sizeof host, is_ipv6 ? "[%s]" : "%s", order->server);
    char path[300];
    snprintf(path, sizeof path, "/%s", order->hello);
    if (curl_url_set(url, CURLUPART_SCHEME, order->encryption == 2 ? "smtps" : "smtp", 0)
        || curl_url_set(url, CURLUPART_HOST, host, 0)
        || curl_url_set(url, CURLUPART_PORT, order->port, 0)
        || curl_url_set(url, CURLUPART_PATH, path, CURLU_URLENCODE)) {
        curl_url_cleanup(url);
        return NULL;
    }
    return url;
}

static struct curl_slist *recipients(const struct cmail_order *order) {
    struct curl_slist *list = NULL;
    for (int i = 0; order->recipients[i]; i++) {
        struct curl_slist *longer = curl_slist_append(list, order->recipients[i]);
        if (!longer) break;
        list = longer;
    }
    return list;
}

static void prepare(CURL *curl, const struct cmail_order *order) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, order->timeout);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, order->timeout);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 4 * order->timeout);
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(order->encryption ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (*order->authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, order->authorities);
    if (*order->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, order->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, order->password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, order->sender);
    // Those whom the server knows get it, also if it does not know one of them.
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
}

// A 5xx to a recipient or to the letter itself is final; anything else may pass.
static char verdict(CURL *curl, CURLcode result) {
    if (result == CURLE_OK) return 'd';
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    int is_about_letter = result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY;
    return is_about_letter && code >= 500 && code < 600 ? 'r' : 'f';
}

char cmail_send(const struct cmail_order *order, char *text, unsigned long size, uint8_t *digits,
                unsigned long count) {
    struct letter letter = {order->message, order->length};
    struct reply reply = {text, size};
    struct replies replies = {digits, count, 0, 0};
    memset(digits, 0, count);
    text[0] = 0;
    CURL *curl = curl_easy_init();
    CURLU *url = address(order);
    struct curl_slist *to = recipients(order);
    char result = 'f';
    if (curl && url && to) {
        prepare(curl, order);
        curl_easy_setopt(curl, CURLOPT_CURLU, url);
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_letter);
        curl_easy_setopt(curl, CURLOPT_READDATA, &letter);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply);
        curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
        curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, overhear);
        curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &replies);
        CURLcode code = curl_easy_perform(curl);
        result = verdict(curl, code);
        if (result != 'd' && !text[0]) snprintf(text, size, "%s", curl_easy_strerror(code));
    } else {
        snprintf(text, size, "the server's name is none");
    }
    curl_slist_free_all(to);
    curl_url_cleanup(url);
    curl_easy_cleanup(curl);
    return result;
}
