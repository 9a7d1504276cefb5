// The lines of an answer: any number of items, then a last line.
//
//   {"v":1,"id":7,"item":{...}}
//   {"v":1,"id":7,"done":true,...}
//   {"v":1,"id":7,"done":true,"error":{"code":"denied","text":"..."}}
#pragma once

#include <string>
#include <string_view>

#include "control/json_writer.h"
#include "control/request.h"

namespace reeve {

class ItemLine : public JsonWriter {
 public:
  ItemLine(std::string& out, const Request& request);
  void finish();

 private:
  std::string& out_;
};

// An item that is a JSON object already.
void append_item(std::string& out, const Request& request, std::string_view json);

class LastLine : public JsonWriter {
 public:
  LastLine(std::string& out, const Request& request);
  void finish();

 private:
  std::string& out_;
};

// `id` as Request has it.
void append_failure(std::string& out, const std::string& id, const ControlFailure& failure);

}  // namespace reeve
