/* SPDX-License-Identifier: Apache-2.0
 * no_return.c: imported functions that never come back, by name. Sources: the C, POSIX and Windows
 * documentation ([[noreturn]], DECLSPEC_NORETURN), the Itanium C++ ABI (__cxa_*), libstdc++'s
 * functexcept.h (std::__throw_*), MSVC's <vcruntime> and <yvals> (_CxxThrowException, _Xlength..).
 */
#include <string.h>

#include "code/discover.h"

/* Sorted by strcmp. Names that only sometimes return (RaiseException with a continuing handler,
 * TerminateProcess on another process) are left out: a lost tail costs more than a kept one. */
static const char *const names[] = {
    "ExitProcess",
    "ExitThread",
    "FatalAppExitA",
    "FatalAppExitW",
    "FreeLibraryAndExitThread",
    "KeBugCheck",
    "KeBugCheckEx",
    "PsTerminateSystemThread",
    "RtlExitUserProcess",
    "RtlExitUserThread",
    "RtlRaiseStatus",
    "_CxxThrowException",
    "_Exit",
    "_Unwind_Resume",
    "__assert",
    "__assert_fail",
    "__assert_perror_fail",
    "__chk_fail",
    "__cxa_bad_cast",
    "__cxa_bad_typeid",
    "__cxa_call_unexpected",
    "__cxa_deleted_virtual",
    "__cxa_pure_virtual",
    "__cxa_rethrow",
    "__cxa_throw",
    "__cxa_throw_bad_array_new_length",
    "__fortify_fail",
    "__libc_fatal",
    "__libc_start_main",
    "__longjmp_chk",
    "__report_gsfailure",
    "__stack_chk_fail",
    "__stack_chk_fail_local",
    "__std_terminate",
    "_amsg_exit",
    "_assert",
    "_endthread",
    "_endthreadex",
    "_exit",
    "_invalid_parameter_noinfo_noreturn",
    "_invoke_watson",
    "_longjmp",
    "_wassert",
    "abort",
    "err",
    "errx",
    "exit",
    "g_abort",
    "g_assertion_message",
    "g_assertion_message_cmpnum",
    "g_assertion_message_cmpstr",
    "g_assertion_message_error",
    "g_assertion_message_expr",
    "longjmp",
    "pthread_exit",
    "quick_exit",
    "siglongjmp",
    "terminate",
    "thrd_exit",
    "verr",
    "verrx",
};

/* C++ names by what they begin with. */
static const char *const prefixes[] = {
    "?_Xbad_alloc@std@@",
    "?_Xinvalid_argument@std@@",
    "?_Xlength_error@std@@",
    "?_Xout_of_range@std@@",
    "?_Xoverflow_error@std@@",
    "?_Xruntime_error@std@@",
    "?_Xbad_function_call@std@@",
    "?_Xregex_error@std@@",
    "?terminate@@",
    "_ZSt9terminatev",
    "_ZSt10unexpectedv",
    "_ZN10__cxxabiv111__terminate",
    "?_Throw_Cpp_error@std@@",
    "?_Throw_C_error@std@@",
    "?_Rethrow_future_exception@std@@",
};

/* std::__throw_bad_alloc() is _ZSt17__throw_bad_allocv: the length stands before the name. */
static bool is_std_throw(const char *name) {
    if (strncmp(name, "_ZSt", 4) != 0)
        return false;
    name += 4;
    while (*name >= '0' && *name <= '9')
        name++;
    return strncmp(name, "__throw_", 8) == 0;
}

bool import_is_no_return(const char *name) {
    if (!name || name[0] == 0)
        return false;
    size_t low = 0, high = sizeof names / sizeof *names;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(name, names[mid]);
        if (order == 0)
            return true;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return is_std_throw(name);
}
