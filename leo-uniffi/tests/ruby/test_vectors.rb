require "shop"

# The package has what every package has, under the same names, and gives the same.
class TestVectors < Shop
  def test_each_call_is_a_method
    assert_operator SURFACE["calls"].size, :>, 20
    calls = SURFACE["calls"].keys.map { |name| name.tr(".", "_").to_sym }
    assert_equal calls.sort + [], (Leo.public_instance_methods(false) - %i[for_user call uniffi_clone_handle]).sort
    SURFACE["calls"].each do |name, call|
      names = Leo.instance_method(name.tr(".", "_")).parameters.map { |_, parameter| parameter.to_s }
      expected = name == "sources.add" ? ["source"] : call["arguments"] + (call["options"].empty? ? [] : ["options"])
      assert_equal expected, names, name
    end
  end

  def test_errors_are_classes
    classes = LeoError.constants.map { |name| LeoError.const_get(name) }
    assert_equal SURFACE["errors"].sort, classes.map { |one| kind(one.allocate) }.sort
    assert classes.all? { |one| one < StandardError }
  end

  def told(answer)
    data = JSON.parse(answer.json)
    found = %w[status sql params table truncated].to_h { |name| [name, data[name]] }
    found.merge("text" => answer.text, "chart" => data.dig("chart", "kind"))
  end

  def outcome(reply)
    return told(reply.answer) if reply.answer?

    data = reply.data? ? JSON.parse(reply.json) : nil
    data.delete("micros") if data.is_a?(Hash)
    { "json" => data }
  end

  def test_a_call_gives_what_it_gives_everywhere
    assert_operator OUTCOMES.size, :>=, 30
    company = Leo.sample
    OUTCOMES.each do |vector|
      begin
        reply = company.call(vector["call"], JSON.generate(vector["arguments"]))
        found = outcome(reply)
        assert_equal File.binread(File.join(VECTORS, vector["arrow"])), reply.answer.table.to_ipc if vector["arrow"]
      rescue StandardError => e
        raise unless e.respond_to?(:info)

        found = { "error" => { "kind" => kind(e), "message" => e.info.message, "findings" => JSON.parse(e.info.findings) } }
      end
      assert_equal vector["outcome"], found, vector["call"]
    end
  end
end
