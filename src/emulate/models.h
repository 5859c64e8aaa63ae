/* SPDX-License-Identifier: Apache-2.0
 * models.h: between the files of the models: what a function that decoders call does, on the
 * memory of the process. A model reads its arguments from c->args, sets c->result, adds what its
 * work costs to c->cost, and sets c->stop when the run cannot go on. Arguments are hostile: sizes
 * meet MODEL_BYTES, memory is read and written through memory.h only. */
#ifndef COG_EMULATE_MODELS_H
#define COG_EMULATE_MODELS_H

#include "emulate/process_inner.h"

enum {
    MODEL_BYTES = 1 << 24, /* of one call; more is PROCESS_BUDGET */
    MODEL_CHARS = 1 << 16, /* of one text */
    MODEL_NAME = 256       /* of a file or function name */
};

/* Copies, fills; false: c->stop is set. */
bool mem_copy(ModelCall *c, uint64_t to, uint64_t from, uint64_t n);
bool mem_fill(ModelCall *c, uint64_t to, uint64_t pattern, unsigned unit, uint64_t count);
bool mem_write(ModelCall *c, uint64_t to, const void *at, size_t n);
bool mem_read(ModelCall *c, uint64_t from, void *at, size_t n);
/* One character of `unit` bytes; 0 and c->stop when it cannot be read. */
uint64_t mem_char(ModelCall *c, uint64_t va, unsigned unit);
/* Characters before the zero, at most `most`. */
uint64_t mem_length(ModelCall *c, uint64_t va, unsigned unit, uint64_t most);
/* The text as bytes (of wide characters the low byte), at most MODEL_NAME - 1, with a NUL. */
Bytes mem_name(ModelCall *c, uint64_t va, unsigned unit, char out[MODEL_NAME]);

/* X-lists of the files, joined in models.c: MODEL(name, function, unit, flags). */
#define MODEL_LIST_MEMORY(X)                                                                       \
    X("memcpy", memcpy, 1, MODEL_C)                                                                \
    X("memmove", memcpy, 1, MODEL_C)                                                               \
    X("mempcpy", mempcpy, 1, MODEL_C)                                                              \
    X("__memcpy_chk", memcpy, 1, MODEL_C)                                                          \
    X("__memmove_chk", memcpy, 1, MODEL_C)                                                         \
    X("wmemcpy", memcpy, 2, MODEL_C)                                                               \
    X("bcopy", bcopy, 1, MODEL_C)                                                                  \
    X("RtlMoveMemory", memcpy, 1, 0)                                                               \
    X("RtlCopyMemory", memcpy, 1, 0)                                                               \
    X("CopyMemory", memcpy, 1, 0)                                                                  \
    X("memset", memset, 1, MODEL_C)                                                                \
    X("__memset_chk", memset, 1, MODEL_C)                                                          \
    X("bzero", bzero, 1, MODEL_C)                                                                  \
    X("explicit_bzero", bzero, 1, MODEL_C)                                                         \
    X("RtlZeroMemory", bzero, 1, 0)                                                                \
    X("RtlSecureZeroMemory", bzero, 1, 0)                                                          \
    X("RtlFillMemory", fill_memory, 1, 0)                                                          \
    X("memcmp", memcmp, 1, MODEL_C)                                                                \
    X("bcmp", memcmp, 1, MODEL_C)                                                                  \
    X("RtlCompareMemory", compare_memory, 1, 0)                                                    \
    X("memchr", memchr, 1, MODEL_C)                                                                \
    X("malloc", malloc, 1, MODEL_C)                                                                \
    X("xmalloc", malloc, 1, MODEL_C)                                                               \
    X("_malloc_base", malloc, 1, MODEL_C)                                                          \
    X("_Znwm", malloc, 1, MODEL_C)                                                                 \
    X("_Znam", malloc, 1, MODEL_C)                                                                 \
    X("_Znwj", malloc, 1, MODEL_C)                                                                 \
    X("_Znaj", malloc, 1, MODEL_C)                                                                 \
    X("_Znwy", malloc, 1, MODEL_C)                                                                 \
    X("_Znay", malloc, 1, MODEL_C)                                                                 \
    X("??2@YAPAXI@Z", malloc, 1, MODEL_C)                                                          \
    X("??_U@YAPAXI@Z", malloc, 1, MODEL_C)                                                         \
    X("??2@YAPEAX_K@Z", malloc, 1, MODEL_C)                                                        \
    X("??_U@YAPEAX_K@Z", malloc, 1, MODEL_C)                                                       \
    X("CoTaskMemAlloc", malloc, 1, 0)                                                              \
    X("calloc", calloc, 1, MODEL_C)                                                                \
    X("_calloc_base", calloc, 1, MODEL_C)                                                          \
    X("realloc", realloc, 1, MODEL_C)                                                              \
    X("free", nothing, 1, MODEL_C)                                                                 \
    X("_free_base", nothing, 1, MODEL_C)                                                           \
    X("_ZdlPv", nothing, 1, MODEL_C)                                                               \
    X("_ZdaPv", nothing, 1, MODEL_C)                                                               \
    X("_ZdlPvm", nothing, 1, MODEL_C)                                                              \
    X("??3@YAXPAX@Z", nothing, 1, MODEL_C)                                                         \
    X("??3@YAXPEAX@Z", nothing, 1, MODEL_C)                                                        \
    X("CoTaskMemFree", nothing, 1, 0)                                                              \
    X("HeapAlloc", heap_alloc, 1, 0)                                                               \
    X("RtlAllocateHeap", heap_alloc, 1, 0)                                                         \
    X("HeapReAlloc", heap_realloc, 1, 0)                                                           \
    X("RtlReAllocateHeap", heap_realloc, 1, 0)                                                     \
    X("HeapFree", yes, 1, 0)                                                                       \
    X("RtlFreeHeap", yes, 1, 0)                                                                    \
    X("HeapCreate", heap, 1, 0)                                                                    \
    X("GetProcessHeap", heap, 1, 0)                                                                \
    X("LocalAlloc", local_alloc, 1, 0)                                                             \
    X("GlobalAlloc", local_alloc, 1, 0)                                                            \
    X("LocalLock", same, 1, 0)                                                                     \
    X("GlobalLock", same, 1, 0)                                                                    \
    X("LocalFree", nothing, 1, 0)                                                                  \
    X("GlobalFree", nothing, 1, 0)                                                                 \
    X("VirtualAlloc", virtual_alloc, 1, 0)                                                         \
    X("VirtualAllocEx", virtual_alloc_ex, 1, 0)                                                    \
    X("NtAllocateVirtualMemory", nt_alloc, 1, 0)                                                   \
    X("ZwAllocateVirtualMemory", nt_alloc, 1, 0)                                                   \
    X("VirtualFree", yes, 1, 0)                                                                    \
    X("VirtualProtect", virtual_protect, 1, 0)                                                     \
    X("mmap", mmap, 1, 0)                                                                          \
    X("mmap64", mmap, 1, 0)

#define MODEL_LIST_TEXT(X)                                                                         \
    X("strlen", length, 1, MODEL_C)                                                                \
    X("wcslen", length, 2, MODEL_C)                                                                \
    X("strnlen", length_most, 1, MODEL_C)                                                          \
    X("wcsnlen", length_most, 2, MODEL_C)                                                          \
    X("lstrlenA", length, 1, 0)                                                                    \
    X("lstrlenW", length, 2, 0)                                                                    \
    X("strcpy", copy, 1, MODEL_C)                                                                  \
    X("wcscpy", copy, 2, MODEL_C)                                                                  \
    X("_mbscpy", copy, 1, MODEL_C)                                                                 \
    X("__strcpy_chk", copy, 1, MODEL_C)                                                            \
    X("lstrcpyA", copy, 1, 0)                                                                      \
    X("lstrcpyW", copy, 2, 0)                                                                      \
    X("stpcpy", copy_end, 1, MODEL_C)                                                              \
    X("strcpy_s", copy_s, 1, MODEL_C)                                                              \
    X("wcscpy_s", copy_s, 2, MODEL_C)                                                              \
    X("strncpy", copy_most, 1, MODEL_C)                                                            \
    X("wcsncpy", copy_most, 2, MODEL_C)                                                            \
    X("__strncpy_chk", copy_most, 1, MODEL_C)                                                      \
    X("lstrcpynA", copy_n, 1, 0)                                                                   \
    X("lstrcpynW", copy_n, 2, 0)                                                                   \
    X("strcat", append, 1, MODEL_C)                                                                \
    X("wcscat", append, 2, MODEL_C)                                                                \
    X("__strcat_chk", append, 1, MODEL_C)                                                          \
    X("lstrcatA", append, 1, 0)                                                                    \
    X("lstrcatW", append, 2, 0)                                                                    \
    X("strcat_s", append_s, 1, MODEL_C)                                                            \
    X("wcscat_s", append_s, 2, MODEL_C)                                                            \
    X("strncat", append_most, 1, MODEL_C)                                                          \
    X("wcsncat", append_most, 2, MODEL_C)                                                          \
    X("strcmp", compare, 1, MODEL_C)                                                               \
    X("wcscmp", compare, 2, MODEL_C)                                                               \
    X("lstrcmpA", compare, 1, 0)                                                                   \
    X("lstrcmpW", compare, 2, 0)                                                                   \
    X("strncmp", compare_most, 1, MODEL_C)                                                         \
    X("wcsncmp", compare_most, 2, MODEL_C)                                                         \
    X("strcasecmp", compare_case, 1, MODEL_C)                                                      \
    X("_stricmp", compare_case, 1, MODEL_C)                                                        \
    X("stricmp", compare_case, 1, MODEL_C)                                                         \
    X("_wcsicmp", compare_case, 2, MODEL_C)                                                        \
    X("wcscasecmp", compare_case, 2, MODEL_C)                                                      \
    X("lstrcmpiA", compare_case, 1, 0)                                                             \
    X("lstrcmpiW", compare_case, 2, 0)                                                             \
    X("strncasecmp", compare_case_most, 1, MODEL_C)                                                \
    X("_strnicmp", compare_case_most, 1, MODEL_C)                                                  \
    X("_wcsnicmp", compare_case_most, 2, MODEL_C)                                                  \
    X("strchr", find_char, 1, MODEL_C)                                                             \
    X("wcschr", find_char, 2, MODEL_C)                                                             \
    X("strrchr", find_last, 1, MODEL_C)                                                            \
    X("wcsrchr", find_last, 2, MODEL_C)                                                            \
    X("strstr", find_text, 1, MODEL_C)                                                             \
    X("wcsstr", find_text, 2, MODEL_C)                                                             \
    X("strdup", duplicate, 1, MODEL_C)                                                             \
    X("_strdup", duplicate, 1, MODEL_C)                                                            \
    X("__strdup", duplicate, 1, MODEL_C)                                                           \
    X("_wcsdup", duplicate, 2, MODEL_C)                                                            \
    X("tolower", to_lower, 1, MODEL_C)                                                             \
    X("towlower", to_lower, 1, MODEL_C)                                                            \
    X("toupper", to_upper, 1, MODEL_C)                                                             \
    X("towupper", to_upper, 1, MODEL_C)                                                            \
    X("MultiByteToWideChar", widen, 1, 0)                                                          \
    X("WideCharToMultiByte", narrow, 2, 0)                                                         \
    X("atoi", number, 1, MODEL_C)

#define MODEL_LIST_SYSTEM(X)                                                                       \
    X("GetProcAddress", proc_address, 1, 0)                                                        \
    X("LdrGetProcedureAddress", ldr_proc_address, 1, 0)                                            \
    X("dlsym", proc_address, 1, 0)                                                                 \
    X("LoadLibraryA", load_library, 1, 0)                                                          \
    X("LoadLibraryW", load_library, 2, 0)                                                          \
    X("LoadLibraryExA", load_library, 1, 0)                                                        \
    X("LoadLibraryExW", load_library, 2, 0)                                                        \
    X("GetModuleHandleA", load_library, 1, 0)                                                      \
    X("GetModuleHandleW", load_library, 2, 0)                                                      \
    X("LdrLoadDll", ldr_load, 2, 0)                                                                \
    X("dlopen", one, 1, 0)                                                                         \
    X("TlsAlloc", tls_alloc, 1, 0)                                                                 \
    X("FlsAlloc", tls_alloc, 1, 0)                                                                 \
    X("TlsGetValue", tls_get, 1, 0)                                                                \
    X("FlsGetValue", tls_get, 1, 0)                                                                \
    X("TlsSetValue", tls_set, 1, 0)                                                                \
    X("FlsSetValue", tls_set, 1, 0)                                                                \
    X("__tls_get_addr", tls_address, 1, 0)                                                         \
    X("GetLastError", last_error, 1, 0)                                                            \
    X("SetLastError", set_last_error, 1, 0)                                                        \
    X("GetTickCount", ticks, 1, 0)                                                                 \
    X("GetTickCount64", ticks, 1, 0)                                                               \
    X("timeGetTime", ticks, 1, 0)                                                                  \
    X("clock", ticks, 1, 0)                                                                        \
    X("time", time, 1, 0)                                                                          \
    X("_time64", time, 1, 0)                                                                       \
    X("gmtime", broken_time, 1, 0)                                                                 \
    X("localtime", broken_time, 1, 0)                                                              \
    X("_gmtime64", broken_time, 8, 0)                                                              \
    X("_localtime64", broken_time, 8, 0)                                                           \
    X("gmtime_r", broken_time_to, 1, 0)                                                            \
    X("localtime_r", broken_time_to, 1, 0)                                                         \
    X("_gmtime64_s", broken_time_s, 8, 0)                                                          \
    X("_localtime64_s", broken_time_s, 8, 0)                                                       \
    X("GetSystemTime", system_time, 1, 0)                                                          \
    X("GetLocalTime", system_time, 1, 0)                                                           \
    X("QueryPerformanceCounter", counter, 1, 0)                                                    \
    X("QueryPerformanceFrequency", counter, 1, 0)                                                  \
    X("GetSystemTimeAsFileTime", counter, 1, 0)                                                    \
    X("GetCurrentProcessId", process_id, 1, 0)                                                     \
    X("GetCurrentThreadId", process_id, 1, 0)                                                      \
    X("getpid", process_id, 1, 0)                                                                  \
    X("GetCurrentProcess", minus_one, 1, 0)                                                        \
    X("IsDebuggerPresent", nothing, 1, 0)                                                          \
    X("Sleep", nothing, 1, 0)                                                                      \
    X("EnterCriticalSection", nothing, 1, 0)                                                       \
    X("LeaveCriticalSection", nothing, 1, 0)                                                       \
    X("InitializeCriticalSection", nothing, 1, 0)                                                  \
    X("InitializeCriticalSectionAndSpinCount", one, 1, 0)                                          \
    X("TryEnterCriticalSection", one, 1, 0)                                                        \
    X("DeleteCriticalSection", nothing, 1, 0)                                                      \
    X("AcquireSRWLockExclusive", nothing, 1, 0)                                                    \
    X("ReleaseSRWLockExclusive", nothing, 1, 0)                                                    \
    X("pthread_mutex_lock", nothing, 1, 0)                                                         \
    X("pthread_mutex_unlock", nothing, 1, 0)                                                       \
    X("__cxa_guard_acquire", guard_acquire, 1, MODEL_C)                                            \
    X("__cxa_guard_release", guard_release, 1, MODEL_C)                                            \
    X("InterlockedIncrement", add_one, 1, 0)                                                       \
    X("InterlockedDecrement", sub_one, 1, 0)                                                       \
    X("InterlockedExchange", exchange, 1, 0)                                                       \
    X("InterlockedCompareExchange", compare_exchange, 1, 0)                                        \
    X("EncodePointer", same, 1, 0)                                                                 \
    X("DecodePointer", same, 1, 0)                                                                 \
    X("RtlEncodePointer", same, 1, 0)                                                              \
    X("RtlDecodePointer", same, 1, 0)                                                              \
    X("GetCommandLineA", command_line, 1, 0)                                                       \
    X("GetCommandLineW", command_line, 2, 0)                                                       \
    X("__security_check_cookie", nothing, 1, MODEL_C)                                              \
    X("___chkstk_ms", chkstk, 1, MODEL_C)                                                          \
    X("__chkstk_ms", chkstk, 1, MODEL_C)                                                           \
    X("__stack_chk_fail", exit, 1, MODEL_C)                                                        \
    X("__stack_chk_fail_local", exit, 1, MODEL_C)                                                  \
    X("exit", exit, 1, MODEL_C)                                                                    \
    X("_exit", exit, 1, MODEL_C)                                                                   \
    X("abort", exit, 1, MODEL_C)                                                                   \
    X("ExitProcess", exit, 1, 0)                                                                   \
    X("ExitThread", exit, 1, 0)                                                                    \
    X("TerminateProcess", exit, 1, 0)                                                              \
    X("__cxa_throw", exit, 1, MODEL_C)                                                             \
    X("_CxxThrowException", exit, 1, MODEL_C)                                                      \
    X("RaiseException", exit, 1, 0)                                                                \
    X("__assert_fail", exit, 1, MODEL_C)

#define X(name, function, unit, flags) void model_##function(ModelCall *c);
#define DECLARE(list) list(X)
DECLARE(MODEL_LIST_MEMORY)
DECLARE(MODEL_LIST_TEXT)
DECLARE(MODEL_LIST_SYSTEM)
#undef DECLARE
#undef X

#endif
