// SPDX-License-Identifier: MIT OR Apache-2.0
// A logger as many programs have one: a class with a static flush function, which nothing exports.
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

class Log {
  public:
    static void add(const std::string &line)
    {
        waiting += line + "\n";
    }
    [[gnu::used, gnu::noinline]] static void flush()
    {
        if (write(1, waiting.data(), waiting.size()) < 0)
            _exit(4);
        waiting.clear();
    }

  private:
    static std::string waiting;
};

std::string Log::waiting;

} // namespace

int main()
{
    Log::add("one");
    Log::flush();
    pid_t pid = fork();
    if (pid == 0) {
        Log::add("two");
        _exit(3);
    }
    waitpid(pid, nullptr, 0);
    Log::add("three");
    _exit(3);
}
