#ifndef CLIBXML2_SHIM_H
#define CLIBXML2_SHIM_H

// Debian builds libxml2 with ICU, and its headers then pull in ICU's own. Beside Foundation, which carries another ICU,
// a debug build stops with "'UErrorCode' has different definitions". Nothing that we touch depends on the macro.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/parser.h>

// Errors in character conversion go past the SAX error handler to two routes that belong to the thread, and the default
// of both is to print. Both are silenced during a parse and put back afterwards: somebody else in the process may parse
// XML on the same thread.
struct clibxml2_error_routes {
    xmlGenericErrorFunc generic;
    void *generic_context;
    xmlStructuredErrorFunc structured;
    void *structured_context;
};

static void clibxml2_ignore_generic(void *context, const char *format, ...) {
    (void)context;
    (void)format;
}

static void clibxml2_ignore_structured(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

static inline struct clibxml2_error_routes clibxml2_silence_errors(void) {
    struct clibxml2_error_routes previous = {
        xmlGenericError, xmlGenericErrorContext, xmlStructuredError, xmlStructuredErrorContext};
    xmlSetGenericErrorFunc(NULL, clibxml2_ignore_generic);
    xmlSetStructuredErrorFunc(NULL, clibxml2_ignore_structured);
    return previous;
}

static inline void clibxml2_restore_errors(struct clibxml2_error_routes previous) {
    xmlSetGenericErrorFunc(previous.generic_context, previous.generic);
    xmlSetStructuredErrorFunc(previous.structured_context, previous.structured);
}

#endif
