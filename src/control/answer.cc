#include "control/answer.h"

namespace reeve {

ItemLine::ItemLine(std::string& out, const Request& request) : JsonWriter(out), out_(out) {
  field("v", kControlVersion);
  raw("id", request.id);
  begin_object("item");
}

void ItemLine::finish() {
  end_object();
  end();
  out_ += '\n';
}

void append_item(std::string& out, const Request& request, std::string_view json) {
  JsonWriter line(out);
  line.field("v", kControlVersion);
  line.raw("id", request.id);
  line.raw("item", json);
  line.end();
  out += '\n';
}

LastLine::LastLine(std::string& out, const Request& request) : JsonWriter(out), out_(out) {
  field("v", kControlVersion);
  raw("id", request.id);
  field("done", true);
}

void LastLine::finish() {
  end();
  out_ += '\n';
}

void append_failure(std::string& out, const std::string& id, const ControlFailure& failure) {
  Request request;
  request.id = id;
  LastLine line(out, request);
  line.begin_object("error");
  line.field("code", failure.code);
  line.field("text", failure.text);
  line.end_object();
  line.finish();
}

}  // namespace reeve
