require "shop"

# The Ruby of the README runs.
class TestReadme < Minitest::Test
  def test_its_code_runs
    blocks = File.read(File.join(ROOT, "leo-uniffi", "README.md")).scan(/^```ruby\n(.*?)^```$/m).flatten
    refute_empty blocks
    blocks.each do |code|
      out, = capture_io { eval(code, TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      code.scan(/^puts .*? # (.*)$/).flatten.each { |said| assert_includes out, said }
    end
  end
end
