# One method call to the master.
call.master <- function(method, ..., held.back = 0) {
    master <- find.master()
    body <- charToRaw(call.document(method, list(...)))
    place <- parsed.url(master$url)
    # Sockets of R know neither TLS nor IPv6.
    is.plain <- place$scheme == "http" && !grepl(":", place$host, fixed = TRUE)
    answer <- (if (is.plain) post.by.socket else post.by.curl)(master, place, body, seconds = 60 + held.back)
    if (answer$status != 200) {
        hint <- if (answer$status %in% c(401, 403)) ": is $MR_TOKEN its secret?"
        stop("the master at ", master$url, " answers HTTP status ", answer$status, hint, call. = FALSE)
    }
    parsed <- parse.response(answer$body)
    if (is.null(parsed$fault)) return(parsed$value)
    stop(structure(
        class = c("xmlrpc.fault", "error", "condition"),
        list(message = parsed$fault$faultString, call = NULL, code = parsed$fault$faultCode)))
}

parsed.url <- function(url) {
    parts <- regmatches(url, regexec("^(https?)://(\\[[^]]*\\]|[^/:@]+)(:([0-9]+))?(/.*)?$", url))[[1]]
    if (length(parts) == 0) stop("'", url, "' is no URL like http://HOST:PORT/RPC2", call. = FALSE)
    port <- if (nzchar(parts[5])) as.integer(parts[5]) else if (parts[2] == "https") 443L else 80L
    list(scheme = parts[2], host = parts[3], port = port, path = if (nzchar(parts[6])) parts[6] else "/RPC2")
}
