// SPDX-License-Identifier: MIT OR Apache-2.0
// 1000 lines through an asynchronous logger of the real spdlog, whose thread has them in its queue when
// the process ends.
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstring>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    auto logger = spdlog::basic_logger_mt<spdlog::async_factory>("file", argv[1]);
    logger->set_pattern("%v");
    for (int i = 0; i < 1000; i++)
        logger->info("line {}", i);
    if (std::strcmp(argv[2], "SIGTERM") == 0)
        std::raise(SIGTERM);
    _exit(3);
}
