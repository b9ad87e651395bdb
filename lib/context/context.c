/* SPDX-License-Identifier: Apache-2.0 */
#include "context/context.h"

#include "base/message.h"
#include "base/platform.h"
#include "base/version.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct certenroll_context {
    ce_refcount references;
    certenroll_log_level level;
    certenroll_log_callback log;
    void *log_user;
    certenroll_cancel *cancel; /* NULL: none */
};

int certenroll_context_new(certenroll_context **out, certenroll_error **error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    ce_messages_bind(CE_TEXT_DOMAIN, CE_LOCALE_DIR, CE_LOCALE_FROM_LIBRARY);
    ce_refcount_init(&(*out)->references);
    return CERTENROLL_OK;
}

void certenroll_context_set_log(certenroll_context *context, certenroll_log_level level,
                                certenroll_log_callback callback, void *user)
{
    context->level = level;
    context->log = callback;
    context->log_user = user;
}

void certenroll_context_set_cancel(certenroll_context *context, certenroll_cancel *cancel)
{
    certenroll_cancel *before = context->cancel;

    context->cancel = ce_cancel_ref(cancel);
    certenroll_cancel_free(before);
}

const certenroll_cancel *ce_context_cancel(const certenroll_context *context)
{
    return context->cancel;
}

certenroll_context *ce_context_ref(certenroll_context *context)
{
    ce_refcount_up(&context->references);
    return context;
}

void certenroll_context_free(certenroll_context *context)
{
    if (!context || !ce_refcount_down(&context->references))
        return;
    certenroll_cancel_free(context->cancel);
    free(context);
}

void ce_log(const certenroll_context *context, certenroll_log_level level, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    unsigned held;

    if (!context->log || level > context->level)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    held = ce_sigpipe_pause();
    context->log(context->log_user, level, line);
    ce_sigpipe_resume(held);
}

int certenroll_process_protect(certenroll_error **error)
{
    return ce_process_protect() == 0
               ? CERTENROLL_OK
               : certenroll_error_set_errno(error, _("the process's memory cannot be protected"));
}

const char *certenroll_version(void)
{
    return CE_VERSION;
}

void certenroll_buffer_free(void *buffer)
{
    free(buffer);
}
