// Asks from C++: objects that free themselves, errors as exceptions, an answer that another thread waits for.
//
//   c++ -std=c++17 ask.cpp -lleo -lpthread -o ask && ./ask

#include <atomic>
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <leo.h>
#include <memory>
#include <stdexcept>
#include <string>

template <auto free> struct Free {
  template <typename T> void operator()(T *object) const { free(object); }
};
using Handle = std::unique_ptr<Leo, Free<leo_free>>;
using Answer = std::unique_ptr<LeoAnswer, Free<leo_answer_free>>;
using Text = std::unique_ptr<char, Free<leo_string_free>>;

struct Failed : std::runtime_error {
  LeoErrorKind kind;
  explicit Failed(LeoError *error) : runtime_error(leo_error_message(error)), kind(leo_error_kind(error)) { leo_error_free(error); }
};

// Calls `function` with the place for its error last, and throws what it fails with.
template <typename Owned, typename Function, typename... Arguments> Owned call(Function function, Arguments... arguments) {
  LeoError *error = nullptr;
  Owned owned(function(arguments..., &error));
  if (error != nullptr) {
    throw Failed(error);
  }
  return owned;
}

// An audit sink is any object. No exception may leave the function that the library calls.
struct Audit {
  std::atomic<int> events{0};
  static void call(void *self, const char *method, const char *, LeoReply *reply) noexcept {
    static_cast<Audit *>(self)->events += std::string(method) == "append";
    leo_reply_json(reply, nullptr);
  }
};

int main() {
  std::ofstream("rides.csv") << "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n4,Rome,31\n";
  Audit audit;
  const LeoPart part{"audit", Audit::call, &audit, nullptr};
  auto leo = call<Handle>(leo_open, "rides.csv", static_cast<const LeoOpenOptions *>(nullptr), &part, size_t{1});

  LeoAskOptions options{};
  options.size = sizeof options;
  options.max_rows = 10;
  auto later = std::async(std::launch::async, [&] { return call<Answer>(leo_ask, leo.get(), "total minutes by city", &options); });
  Answer answer = later.get();
  std::cout << leo_answer_text(answer.get()) << "\n\n";
  std::cout << call<Text>(leo_answer_render_table, answer.get(), "csv", static_cast<const char *>(nullptr)).get() << '\n';

  try {
    call<Answer>(leo_sql, leo.get(), "DELETE FROM rides", static_cast<const LeoSqlOptions *>(nullptr));
  } catch (const Failed &failed) {
    std::cout << (failed.kind == LEO_ERROR_REJECTED ? "rejected: " : "failed: ") << failed.what() << "\n\n";
  }
  std::cout << "the audit was told " << (audit.events > 0 ? "of it" : "nothing") << '\n';
  std::remove("rides.csv");
}
