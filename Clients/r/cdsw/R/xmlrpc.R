# XML-RPC's documents.
#
#     R                                  XML-RPC                        R again
#     NULL                               nil                            NULL
#     one TRUE, integer, double, text    boolean, int, double, string   the same
#     raw                                base64                         raw
#     a list or vector with names        struct                         a named list
#     any other list or vector           array                          a list
#
# A whole number that is too large for R's integers comes as a double.

call.document <- function(method, parameters) {
    values <- vapply(parameters, function(value) paste0("<param>", value.element(value), "</param>"), "")
    paste0(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>", method, "</methodName><params>",
        paste(values, collapse = ""), "</params></methodCall>")
}

value.element <- function(value) paste0("<value>", typed.element(value), "</value>")

typed.element <- function(value) {
    if (is.factor(value)) value <- structure(as.character(value), names = names(value))
    if (is.raw(value)) return(paste0("<base64>", base64(value), "</base64>"))
    if (is.null(value)) return("<nil/>")
    if (!is.vector(value) && !is.data.frame(value))
        stop("a value of class ", class(value)[1], " can't be sent; serialize(value, NULL) can", call. = FALSE)
    if (!is.null(names(value))) return(struct.element(as.list(value)))
    if (is.list(value) || length(value) != 1)
        return(paste0("<array><data>", paste(vapply(value, value.element, ""), collapse = ""), "</data></array>"))
    if (is.na(value) || is.numeric(value) && !is.finite(value))
        stop("XML-RPC has nothing for ", value, "; NULL can be sent", call. = FALSE)
    switch(
        typeof(value),
        logical = paste0("<boolean>", as.integer(value), "</boolean>"),
        integer = paste0("<int>", value, "</int>"),
        double = paste0("<double>", double.text(value), "</double>"),
        character = paste0("<string>", escaped(value), "</string>"),
        stop("a value of type ", typeof(value), " can't be sent; serialize(value, NULL) can", call. = FALSE))
}

struct.element <- function(members) {
    if (anyDuplicated(names(members)) || !all(nzchar(names(members))))
        stop("the members of a struct have a name each, and no two the same one", call. = FALSE)
    if (length(members) == 0) return("<struct></struct>")
    values <- vapply(members, value.element, "")
    members <- paste0("<member><name>", escaped(names(members)), "</name>", values, "</member>")
    paste0("<struct>", paste(members, collapse = ""), "</struct>")
}

# The shortest text of these that is the same number again.
double.text <- function(value) {
    for (digits in 15:17) {
        text <- sprintf("%.*g", digits, value)
        if (as.double(text) == value) break
    }
    text
}

escaped <- function(text) {
    text <- enc2utf8(text)
    for (pair in list(c("&", "&amp;"), c("<", "&lt;"), c(">", "&gt;"), c("\r", "&#13;")))
        text <- gsub(pair[1], pair[2], text, fixed = TRUE)
    text
}

# Returns a list with value, or with fault.
parse.response <- function(bytes) {
    cursor <- cursor.over(bytes)
    skip(cursor, "methodResponse")
    if (peek(cursor) == "fault") {
        skip(cursor, "fault")
        return(list(fault = next.value(cursor)))
    }
    skip(cursor, "params")
    skip(cursor, "param")
    list(value = next.value(cursor))
}

# A document as its tags, and the text behind each.
cursor.over <- function(bytes) {
    begins <- which(bytes == as.raw(0x3c))
    closes <- which(bytes == as.raw(0x3e))
    # Text may hold a ">" of its own.
    ends <- closes[findInterval(begins, closes) + 1]
    if (length(begins) == 0 || anyNA(ends)) stop("the master's answer is no XML-RPC", call. = FALSE)
    text <- function(from, to) if (to < from) "" else rawToChar(bytes[from:to])
    tags <- mapply(text, begins + 1, ends - 1)
    # An element without anything in it, whatever spaces there are.
    tags <- sub("[ \t\r\n]*/$", "/", sub("^([^ \t\r\n/]+)[ \t\r\n]+$", "\\1", tags))
    cursor <- new.env()
    kept <- !startsWith(tags, "?")
    cursor$tags <- tags[kept]
    cursor$from <- (ends + 1)[kept]
    cursor$to <- (c(begins[-1], length(bytes) + 1) - 1)[kept]
    cursor$bytes <- bytes
    cursor$index <- 1
    cursor
}

peek <- function(cursor) if (cursor$index > length(cursor$tags)) "nothing" else cursor$tags[cursor$index]

skip <- function(cursor, tag) {
    if (peek(cursor) != tag) stop("the master's answer has <", peek(cursor), "> where <", tag, "> should be", call. = FALSE)
    cursor$index <- cursor$index + 1
}

# The text behind the tag that was skipped last.
text.behind <- function(cursor) {
    from <- cursor$from[cursor$index - 1]
    to <- cursor$to[cursor$index - 1]
    if (to < from) "" else unescaped(rawToChar(cursor$bytes[from:to]))
}

next.value <- function(cursor) {
    if (peek(cursor) == "value/") {
        skip(cursor, "value/")
        return("")
    }
    skip(cursor, "value")
    type <- peek(cursor)
    if (type == "/value") {
        value <- text.behind(cursor)
    } else if (endsWith(type, "/")) {
        skip(cursor, type)
        value <- typed.value(sub("/$", "", type), "")
    } else {
        skip(cursor, type)
        value <- switch(
            type, array = next.array(cursor), struct = next.struct(cursor), typed.value(type, text.behind(cursor)))
        skip(cursor, paste0("/", type))
    }
    skip(cursor, "/value")
    value
}

next.array <- function(cursor) {
    values <- list()
    if (peek(cursor) == "data/") {
        skip(cursor, "data/")
        return(values)
    }
    skip(cursor, "data")
    while (startsWith(peek(cursor), "value")) values[length(values) + 1] <- list(next.value(cursor))
    skip(cursor, "/data")
    values
}

next.struct <- function(cursor) {
    members <- structure(list(), names = character())
    while (peek(cursor) == "member") {
        skip(cursor, "member")
        skip(cursor, "name")
        name <- text.behind(cursor)
        skip(cursor, "/name")
        # Not [[name]] <-, which leaves NULL out.
        members[name] <- list(next.value(cursor))
        skip(cursor, "/member")
    }
    members
}

typed.value <- function(type, text) {
    switch(
        type,
        string = , dateTime.iso8601 = text,
        int = , i4 = , i8 = whole(text),
        double = as.double(text),
        boolean = text == "1",
        base64 = unbase64(text),
        nil = , `ex:nil` = NULL,
        array = list(),
        struct = structure(list(), names = character()),
        stop("the master's answer has a value of the type ", type, ", which is not known", call. = FALSE))
}

whole <- function(text) {
    number <- as.double(text)
    if (abs(number) <= .Machine$integer.max) as.integer(number) else number
}

unescaped <- function(text) {
    Encoding(text) <- "UTF-8"
    if (grepl("\r", text, fixed = TRUE)) text <- gsub("\r\n?", "\n", text)
    if (!grepl("&", text, fixed = TRUE)) return(text)
    places <- gregexpr("&[^;&]*;", text)
    found <- regmatches(text, places)[[1]]
    known <- unique(found)
    meant <- vapply(known, entity, "")
    regmatches(text, places) <- list(unname(meant[found]))
    text
}

entity <- function(text) {
    name <- substr(text, 2, nchar(text) - 1)
    if (startsWith(name, "#x")) return(intToUtf8(strtoi(substring(name, 3), 16L)))
    if (startsWith(name, "#")) return(intToUtf8(strtoi(substring(name, 2), 10L)))
    switch(name, amp = "&", lt = "<", gt = ">", quot = "\"", apos = "'", text)
}

# Bytes as text for people: what is no UTF-8 is replaced.
lenient.text <- function(bytes) {
    # Text of R holds no zeros.
    bytes[bytes == as.raw(0)] <- as.raw(0xff)
    text <- iconv(rawToChar(bytes), "UTF-8", "UTF-8", sub = rawToChar(as.raw(c(0xef, 0xbf, 0xbd))))
    Encoding(text) <- "UTF-8"
    text
}
