# HTTP 1.1 by a socket of R, or by curl where that can't do it. Each call has a connection of its own.

answer.bytes.max <- 256 * 2^20

# Returns a list of status and body (raw).
post.by.socket <- function(master, place, body, seconds) {
    connection <- tryCatch(
        suppressWarnings(socketConnection(place$host, place$port, blocking = TRUE, open = "r+b", timeout = ceiling(seconds))),
        error = function(problem)
            stop("no master answers at ", place$host, ":", place$port, ": ", conditionMessage(problem), call. = FALSE))
    on.exit(close(connection))
    head <- c(
        paste("POST", place$path, "HTTP/1.1"), paste0("Host: ", place$host, ":", place$port), "User-Agent: cdsw for R",
        if (nzchar(master$token)) paste("Authorization: Bearer", master$token),
        "Content-Type: text/xml", paste("Content-Length:", length(body)), "Connection: close")
    writeBin(c(charToRaw(paste0(c(head, "", ""), collapse = "\r\n")), body), connection)
    read.answer(connection)
}

read.answer <- function(connection) {
    status <- suppressWarnings(as.integer(sub("^HTTP/1\\.[01] ([0-9]{3}).*$", "\\1", answer.line(connection))))
    if (is.na(status)) stop("what answers is no HTTP server", call. = FALSE)
    fields <- list()
    while (nzchar(line <- answer.line(connection)))
        fields[[tolower(sub(":.*$", "", line))]] <- trimws(sub("^[^:]*:", "", line))
    if (status < 200) return(read.answer(connection))
    count <- fields[["content-length"]]
    body <- if (identical(tolower(fields[["transfer-encoding"]]), "chunked")) answer.chunks(connection)
        else if (!is.null(count)) answer.bytes(connection, as.double(count))
        else answer.rest(connection)
    list(status = status, body = body)
}

answer.chunks <- function(connection) {
    chunks <- list()
    total <- 0
    repeat {
        # What follows a semicolon concerns nobody here.
        size <- strtoi(trimws(sub(";.*$", "", answer.line(connection))), 16L)
        if (is.na(size) || size < 0) stop("a chunk of the master's answer has no size", call. = FALSE)
        if (size == 0) break
        total <- total + size
        if (total > answer.bytes.max) too.long()
        chunks[[length(chunks) + 1]] <- answer.bytes(connection, size)
        answer.line(connection)
    }
    while (nzchar(answer.line(connection))) {}
    do.call(c, c(list(raw()), chunks))
}

answer.rest <- function(connection) {
    pieces <- list()
    while (length(piece <- readBin(connection, "raw", 65536)) > 0) {
        pieces[[length(pieces) + 1]] <- piece
        if (length(pieces) * 65536 > answer.bytes.max) too.long()
    }
    do.call(c, c(list(raw()), pieces))
}

answer.bytes <- function(connection, count) {
    if (is.na(count) || count > answer.bytes.max) too.long()
    bytes <- readBin(connection, "raw", count)
    if (length(bytes) < count) broken.off()
    bytes
}

answer.line <- function(connection) {
    line <- suppressWarnings(readLines(connection, 1))
    if (length(line) == 0) broken.off()
    sub("\r$", "", line)
}

broken.off <- function() stop("the master has not answered in time, or has hung up", call. = FALSE)

too.long <- function() stop("the master's answer is longer than ", answer.bytes.max, " bytes", call. = FALSE)

# The secret goes through a pipe, and never stands in a command line or a file.
post.by.curl <- function(master, place, body, seconds) {
    if (!nzchar(Sys.which("curl")))
        stop(
            "R can't speak ", if (place$scheme == "https") "TLS" else "IPv6", " to the master at ", master$url,
            " by itself: install the program curl, or use the Python module (Clients/python), or a master that listens on 127.0.0.1",
            call. = FALSE)
    # In a folder that only this user may enter.
    files <- tempfile(c("call-", "answer-", "status-", "errors-"))
    on.exit(unlink(files))
    writeBin(body, files[1])
    settings <- c(
        url = master$url, `max-time` = ceiling(seconds), `data-binary` = paste0("@", files[1]), output = files[2],
        `write-out` = "%{http_code}", header = "Content-Type: text/xml", header = "Expect:", noproxy = "*",
        if (nzchar(master$token)) c(header = paste("Authorization: Bearer", master$token)),
        if (nzchar(master$authority)) c(cacert = master$authority))
    quoted <- gsub("([\\\\\"])", "\\\\\\1", settings)
    if (any(grepl("[[:cntrl:]]", quoted))) stop("$MR_TOKEN, $MR_MASTER_URL and $MR_MASTER_CA are one line each", call. = FALSE)
    command <- paste("curl -q --silent --show-error --config - >", shQuote(files[3]), "2>", shQuote(files[4]))
    program <- pipe(command, "w")
    writeLines(paste0(names(settings), " = \"", quoted, "\""), program)
    close(program)
    status <- as.integer(readLines(files[3], warn = FALSE))
    if (length(status) == 0 || status == 0) {
        problem <- paste(readLines(files[4], warn = FALSE), collapse = " ")
        stop("no master answers at ", master$url, ": ", problem, call. = FALSE)
    }
    list(status = status, body = if (file.exists(files[2])) readBin(files[2], "raw", file.size(files[2])) else raw())
}
