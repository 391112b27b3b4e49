// What libxml2 alone costs: its SAX2 push parser with one context for all documents and callbacks that do nothing but
// count. Prints "parse NAME BYTES NANOSECONDS" for each file, in processor time.
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long events;

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                          const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **attribute_list) {
    events++;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) { events++; }

static void characters(void *context, const xmlChar *text, int length) { events++; }

static double processor_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void parse(xmlParserCtxtPtr context, const char *document, size_t length) {
    const size_t slice = 64 << 10;
    xmlCtxtResetPush(context, NULL, 0, NULL, NULL);
    size_t position = 0;
    while (length - position > slice) {
        if (xmlParseChunk(context, document + position, slice, 0) != 0) exit(1);
        position += slice;
    }
    if (xmlParseChunk(context, document + position, length - position, 1) != 0 || !context->wellFormed) exit(1);
}

int main(int argc, char **argv) {
    xmlInitParser();
    for (int index = 1; index < argc; index++) {
        FILE *file = fopen(argv[index], "r");
        if (!file) return 1;
        fseek(file, 0, SEEK_END);
        size_t length = ftell(file);
        rewind(file);
        char *document = malloc(length);
        if (fread(document, 1, length, file) != length) return 1;
        fclose(file);

        xmlSAXHandler handler;
        memset(&handler, 0, sizeof handler);
        handler.initialized = XML_SAX2_MAGIC;
        handler.startElementNs = start_element;
        handler.endElementNs = end_element;
        handler.characters = characters;
        handler.ignorableWhitespace = characters;
        xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
        int count = length < 100000 ? 100000 : 10;
        parse(context, document, length);
        double begin = processor_nanoseconds();
        for (int run = 0; run < count; run++) parse(context, document, length);
        const char *name = strrchr(argv[index], '/');
        printf("parse %s %zu %.0f\n", name ? name + 1 : argv[index], length, (processor_nanoseconds() - begin) / count);
        xmlFreeParserCtxt(context);
        free(document);
    }
    return events > 0 ? 0 : 1;
}
