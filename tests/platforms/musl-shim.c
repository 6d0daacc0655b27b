// What Debian's libstdc++ takes from glibc and musl lacks: with it the C++ library serves on musl too.
#include <locale.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

char __libc_single_threaded = 0;
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }
int __cxa_thread_atexit_impl(void (*end)(void *), void *object, void *module) { return 0; }
int _dl_find_object(void *address, void *result) { return -1; }
size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t at) {
  return strftime_l(text, size, format, time, at);
}
unsigned arc4random(void) {
  unsigned value;
  syscall(SYS_getrandom, &value, sizeof value, 0);
  return value;
}
