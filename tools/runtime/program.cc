// SPDX-License-Identifier: Apache-2.0
// program.cc: the same for C++: what the linker brings of its run-time library.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace own_ {
struct Base {
    virtual ~Base() = default;
    virtual std::string name() const = 0;
};
struct One : Base {
    std::string name() const override { return "one"; }
};

void texts(int argc, char **argv) {
    std::vector<std::string> all(argv, argv + argc);
    std::map<std::string, int> count;
    std::unordered_map<std::string, double> other;
    for (const auto &s : all) {
        count[s]++;
        other[s] = 1.5;
    }
    std::sort(all.begin(), all.end());
    std::ostringstream out;
    for (const auto &[k, v] : count)
        out << k << ' ' << v << ' ' << other[k] << std::hex << v << '\n';
    std::cout << out.str() << std::stoi("12") << std::to_string(argc) << std::endl;
}

void files(const char *path) {
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line))
        std::cout << line.substr(0, 8) << line.find('x') << '\n';
    double d = 0;
    std::cin >> d;
}
} // namespace own_

int main(int argc, char **argv) {
    try {
        std::unique_ptr<own_::Base> one = std::make_unique<own_::One>();
        std::function<std::string()> name = [&] { return one->name(); };
        std::cerr << name() << std::chrono::system_clock::now().time_since_epoch().count();
        own_::texts(argc, argv);
        own_::files(argv[0]);
        if (argc > 5)
            throw std::runtime_error("many");
        if (auto *p = dynamic_cast<own_::One *>(one.get()))
            std::cout << p->name().at(9);
    } catch (const std::exception &e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
