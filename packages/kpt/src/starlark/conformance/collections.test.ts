import { testRows } from '../../testing/starlark-programs.ts';

testRows('lists', [
  ['[1, 2] + [3], [0] * 3, 2 * [1, 2]', '([1, 2, 3], [0, 0, 0], [1, 2, 1, 2])'],
  ['[1, 2, 3][1:], [1, 2, 3][::-1], [1, 2, 3][-1]', '([2, 3], [3, 2, 1], 3)'],
  ['[1, [2]] == [1, [2]], [1, 2] < [1, 3], [1] < [1, 0], 2 in [1, 2]', '(True, True, True, True)'],
  [
    'x = []\nx.append(1); x.extend([2, 3]); x.insert(0, 0); x.insert(-1, 9); x.insert(99, 4)\nresult = x',
    '[0, 1, 2, 9, 3, 4]',
  ],
  ['x = [1, 2, 3, 2]\nx.remove(2)\nresult = (x.pop(), x.pop(0), x, x.index(3))', '(2, 1, [3], 0)'],
  ['x = [1, 2, 3]\nx[0] = "a"; x[-1] = "c"\nresult = x', '["a", 2, "c"]'],
  ['x = [1]\ny = x\nx += [2]\nresult = (x, y)', '([1, 2], [1, 2])'],
  ['x = [1]\ny = x\nx = x + [2]\nresult = (x, y)', '([1, 2], [1])'],
  ['x = [1, 2]\nx += x\nresult = x', '[1, 2, 1, 2]'],
  ['x = [1]\nx.append(x)\nresult = str(x)', '"[1, [...]]"'],
  ['x = [1, 2]\nx.clear()\nresult = (x, bool(x))', '([], False)'],
  ['[].pop()', { fails: 'pop: empty list' }],
  ['[1].pop(3)', { fails: 'pop: index 3 out of range' }],
  ['[1].remove(2)', { fails: 'remove: element not found' }],
  ['[1].index(2)', { fails: 'index: value not in list' }],
  ['[1][1]', { fails: 'index 1 out of range: list has length 1' }],
  ['[1]["a"]', { fails: 'list index: got string, want int' }],
  ['[] + ()', { fails: 'unknown binary op: list + tuple' }],
  ['{[]: 1}', { fails: 'unhashable type: list' }],
  ['[].foo', { fails: 'list has no .foo field or method' }],
  ['[].apend(1)', { fails: 'list has no .apend field or method (did you mean append?)' }],
]);

testRows('tuples', [
  ['(), (1,), 1, 2', '((), (1,), 1, 2)'],
  ['(1, 2) + (3,), (0,) * 2, (1, 2, 3)[1:]', '((1, 2, 3), (0, 0), (2, 3))'],
  ['(1, 2) < (1, 3), (1, 2) == (1, 2), (1,) == [1]', '(True, True, False)'],
  ['{(1, "a"): 2}[(1, "a")]', '2'],
  ['{(1,): 1, ("1",): 2, (1.5,): 3, ((1,),): 4}[((1.0,),)]', '4'],
  ['x = (1,)\nx[0] = 2', { fails: 'tuple value does not support item assignment' }],
  ['{([],): 1}', { fails: 'unhashable type: list' }],
]);

testRows('dicts', [
  [
    '{"b": 1, "a": 2}, dict(x=1), dict([(1, 2)], y=3), dict({1: 2})',
    '({"b": 1, "a": 2}, {"x": 1}, {1: 2, "y": 3}, {1: 2})',
  ],
  ['d = {"a": 1}\nd["b"] = 2\nd["a"] = 3\nresult = d', '{"a": 3, "b": 2}'],
  ['d = {"a": 1, "b": 2}\nd.pop("a")\nd["a"] = 3\nresult = list(d)', '["b", "a"]'],
  ['{"a": 1}.get("a"), {}.get("a"), {}.get("a", 5)', '(1, None, 5)'],
  ['{"a": None}.get("a", 5), {"a": None}.pop("a"), {"a": None}.pop("a", 5)', '(None, None, None)'],
  [
    'd = {i: None for i in range(4)}\nd.popitem()\nd.pop(1)\nd[0] = 1\nresult = [d.popitem() for _ in range(3)]',
    '[(2, None), (3, None), (0, 1)]',
  ],
  ['d = {1: 2}\nd.popitem()\nd.clear()\nd[3] = 4\nresult = (d.popitem(), d)', '((3, 4), {})'],
  ['{"a": 1}.items(), {"a": 1}.keys(), {"a": 1}.values()', '([("a", 1)], ["a"], [1])'],
  ['d = {"a": 1}\nresult = (d.setdefault("a", 2), d.setdefault("b"), d)', '(1, None, {"a": 1, "b": None})'],
  ['d = {"a": 1}\nd.update({"b": 2}, c=3)\nd.update([("d", 4)])\nresult = d', '{"a": 1, "b": 2, "c": 3, "d": 4}'],
  ['d = {"a": 1, "b": 2}\nresult = (d.popitem(), d.pop("b"), d.pop("x", None), d)', '(("a", 1), 2, None, {})'],
  ['{"a": 1} | {"b": 2, "a": 3}', '{"a": 3, "b": 2}'],
  ['x = {"a": 1}\ny = x\nx |= {"b": 2}\nresult = y', '{"a": 1, "b": 2}'],
  ['{"a": 1, "b": 2} == {"b": 2, "a": 1}, "a" in {"a": 1}, len({1: 2})', '(True, True, 1)'],
  ['[] in {}, {} not in {1: 2}, ([],) in {}, range(2) in {"a": 1}', '(False, True, False, False)'],
  ['{}.get([])', { fails: 'unhashable type: list' }],
  ['[] in set()', { fails: 'unhashable type: list' }],
  ['{1: "int", True: "bool", "1": "text", 1.5: "float", None: "none"}[True]', '"bool"'],
  ['{"\\0sa": 1, "\\0": 2, "sa": 3}["\\0"]', '2'],
  ['d = {}\nd["d"] = d\nresult = str(d)', '"{\\"d\\": {...}}"'],
  ['{}["a"]', { fails: 'key "a" not in dict' }],
  ['{"a": 1, "a": 2}', { fails: 'duplicate key: "a"' }],
  ['{1: 1, 1.0: 2}', { fails: 'duplicate key: 1.0' }],
  ['{}.pop("a")', { fails: 'pop: missing key "a"' }],
  ['{}.popitem()', { fails: 'popitem: empty dict' }],
  ['dict(a=1, **{"a": 2})', { fails: 'dict: duplicate keyword arg: "a"' }],
  ['dict([1])', { fails: 'dict: dictionary update sequence element #0 is not iterable (int)' }],
  ['dict([(1,)])', { fails: 'dict: dictionary update sequence element #0 has length 1, want 2' }],
  ['{}.get()', { fails: 'get: missing argument for key' }],
]);

testRows('sets', [
  ['set([1, 2, 1]), set(), type(set()), len(set([1]))', '(set([1, 2]), set([]), "set", 1)'],
  [
    'set([1, 2]) | set([3]), set([1, 2]) & set([2, 3]), set([1, 2]) - set([2]), set([1, 2]) ^ set([2, 3])',
    '(set([1, 2, 3]), set([2]), set([1]), set([1, 3]))',
  ],
  [
    'set([1, 2]) == set([2, 1]), set([1]) < set([1, 2]), set([1]) <= set([1]), set([1, 2]) > set([1]), 1 in set([1])',
    '(True, True, True, True, True)',
  ],
  [
    'set([1]).union([2], (3,)), set([1, 2]).intersection([2]), set([1, 2]).difference([1]), set([1]).symmetric_difference([2])',
    '(set([1, 2, 3]), set([2]), set([2]), set([1, 2]))',
  ],
  ['set([1]).issubset([1, 2]), set([1, 2]).issuperset([1]), set([1]).isdisjoint([2])', '(True, True, True)'],
  [
    's = set([1])\ns.add(2); s.add(1); s.discard(9); s.remove(1); s.update([5], [6])\nresult = (s, s.pop(), s)',
    '(set([5, 6]), 2, set([5, 6]))',
  ],
  [
    's = set([1, 2])\ns.intersection_update([2, 3])\ns.difference_update([7])\ns.symmetric_difference_update([2, 4])\nresult = s',
    'set([4])',
  ],
  ['s = set([1])\ns |= set([2])\nresult = s', 'set([1, 2])'],
  ['set([1]).remove(2)', { fails: 'remove: missing key' }],
  ['set().pop()', { fails: 'pop: empty set' }],
  ['set([[]])', { fails: 'unhashable type: list' }],
  ['set(1)', { fails: 'set: for parameter x: got int, want iterable' }],
  ['set([1]) | [2]', { fails: 'unknown binary op: set | list' }],
  ['set([1])[0]', { fails: 'unhandled index operation set[int]' }],
  ['{set(): 1}', { fails: 'unhashable type: set' }],
]);

testRows('ranges', [
  ['list(range(3)), list(range(1, 3)), list(range(5, 0, -2)), list(range(3, 1))', '([0, 1, 2], [1, 2], [5, 3, 1], [])'],
  ['range(3), range(1, 3), range(0, 9, 2)', '(range(3), range(1, 3), range(0, 9, 2))'],
  ['range(10)[3], range(10)[-1], range(10)[2:8:2], len(range(0, 10, 3))', '(3, 9, range(2, 8, 2), 4)'],
  ['3 in range(5), 5 in range(5), 2.0 in range(3), bool(range(0))', '(True, False, True, False)'],
  ['range(0) == range(2, 1), range(0, 3, 2) == range(0, 4, 2), range(2) == range(3)', '(True, True, False)'],
  ['len(range(0x7fffffff))', '2147483647'],
  ['range(1 << 53)', { fails: 'out of range' }],
  ['len(range(1 << 40)[1:]), range(1 << 40)[::-1][0], range(9)[5:2]', '(1099511627775, 1099511627775, range(0))'],
  ['len(range(1 << 40)), range(1 << 40)[-1], (1 << 39) in range(1 << 40)', '(1099511627776, 1099511627775, True)'],
  ['range(1, 2, 0)', { fails: 'range: step argument must not be zero' }],
  ['{range(1): 1}', { fails: 'unhashable type: range' }],
  ['range(0)[0]', { fails: 'index 0 out of range: empty range' }],
]);

testRows('changes during iteration', [
  ['x = [1]\nfor _ in x:\n  x.append(1)', { fails: 'cannot append to list during iteration' }],
  ['x = {1: 2}\nfor _ in x:\n  x[2] = 3', { fails: 'cannot insert into hash table during iteration' }],
  ['x = {1: 2}\nfor _ in x:\n  x.pop(1)', { fails: 'cannot delete from hash table during iteration' }],
  ['x = set([1])\nfor _ in x:\n  x.add(1); x.discard(2)\nresult = x', 'set([1])'],
  ['x = set([1])\nfor _ in x:\n  x.add(2)', { fails: 'cannot insert into hash table during iteration' }],
  ['x = set([1])\nfor _ in x:\n  x.clear()', { fails: 'cannot clear hash table during iteration' }],
  ['x = [1, 2]\ny = [x.pop() for _ in x]', { fails: 'cannot pop from list during iteration' }],
  ['x = [1]\nfor _ in x:\n  break\nx.append(2)\nresult = x', '[1, 2]'],
  ['x = [3]\ndef f():\n  for _ in x:\n    return 1\nf()\nx[0] = 4\nresult = x', '[4]'],
  ['x = [3]\nfor _ in x:\n  for _ in x:\n    pass\nx.append(1)\nresult = x', '[3, 1]'],
]);
