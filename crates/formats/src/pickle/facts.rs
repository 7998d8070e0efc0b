//! What a pickle would do when loaded, as a graph of values: nothing is executed, everything stays symbolic.

/// Every pickle stream of one input, in stored order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pickle {
    /// The streams. Loaders read the first; others are read by loaders that call `load` again.
    pub streams: Vec<Stream>,
    /// Whether the streams are a model in PyTorch's format before 1.6: magic number, version, platform, object, keys.
    pub torch_legacy: bool,
    /// Bytes after the last stream.
    pub trailing: u64,
}

impl Pickle {
    /// Every import of every stream.
    pub fn imports(&self) -> impl Iterator<Item = &Import> {
        self.streams.iter().flat_map(|stream| &stream.imports)
    }

    /// Opcodes of all streams.
    pub fn opcodes(&self) -> u64 {
        self.streams.iter().map(|stream| stream.opcodes).sum()
    }
}

/// One stream, from its first opcode to `STOP` or to where it breaks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stream {
    /// Where it starts in the input.
    pub offset: u64,
    /// One past its last byte.
    pub end: u64,
    /// Highest protocol it announces; 0 if it announces none.
    pub protocol: u8,
    /// Opcodes executed.
    pub opcodes: u64,
    /// Whether it reached `STOP`.
    pub complete: bool,
    /// Names it looks up, each once, in order of first use.
    pub imports: Vec<Import>,
    /// Everything it calls, in order. What comes before a break is called all the same.
    pub calls: Vec<Call>,
    /// Ids handed to the loader's `persistent_load`.
    pub persistent: Vec<Value>,
    /// Containers that values refer to.
    pub containers: Vec<Container>,
    /// Texts that values refer to, cut to [`TEXT_KEPT`] bytes.
    pub texts: Vec<Text>,
    /// Byte strings, and texts that protocol 2 turns into bytes, that begin like a pickle or an archive: offset and
    /// length. They are members of the file.
    pub embedded: Vec<(u64, u32)>,
    /// Raw arrays between the opcodes, as joblib writes them: how many bytes.
    pub raw_bytes: u64,
    /// Values in the largest container when it is written out as a tree, every shared part as often as it is met.
    pub spread: f32,
    /// The same of the largest dictionary key or member of a set: hashing it walks the whole tree.
    pub hashed_spread: f32,
    /// Containers inside one another, at most.
    pub depth: u32,
    /// Highest place of the memo written to; CPython's unpickler makes room for all places below it.
    pub memo_top: u64,
    /// Digits of the longest integer written in decimal.
    pub digits: u32,
    /// What `load` returns.
    pub result: Value,
}

/// Bytes kept of a text.
pub const TEXT_KEPT: usize = 1024;

/// A value on the stack, in the memo or in a container. `u32`s are indices into the lists of the [`Stream`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Value {
    /// `None`.
    #[default]
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer of up to 64 bits.
    Int(i64),
    /// A longer integer; how many bytes.
    LongInt(u32),
    /// A float.
    Float(f64),
    /// A `str`, into [`Stream::texts`].
    Text(u32),
    /// A `bytes` or `bytearray`, into [`Stream::texts`] (lossily as UTF-8).
    Bytes(u32),
    /// A looked-up name, into [`Stream::imports`].
    Import(u32),
    /// What a call returns, into [`Stream::calls`].
    Call(u32),
    /// What `persistent_load` returns, into [`Stream::persistent`].
    Persistent(u32),
    /// A container, into [`Stream::containers`].
    Container(u32),
    /// Out-of-band buffer.
    Buffer,
    /// Not known: the memo has no such entry, or a bound was hit.
    Unknown,
}

/// A text, cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The first [`TEXT_KEPT`] bytes, lossily as UTF-8.
    pub head: String,
    /// Its length in bytes.
    pub length: u64,
}

/// A list, tuple, dict or set; only the first items are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// What it is.
    pub kind: ContainerKind,
    /// First items; for a dict keys and values alternate.
    pub items: Vec<Value>,
    /// How many items it has (for a dict keys and values both count).
    pub length: u64,
}

/// Kinds of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerKind {
    /// `dict`.
    Dict,
    /// `frozenset`.
    FrozenSet,
    /// `list`.
    List,
    /// `set`.
    Set,
    /// `tuple`.
    Tuple,
}

/// A name that loading looks up: importing the module is an effect of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Module as written, `os`; `?` if it is computed.
    pub module: String,
    /// Name in it, dots reach into attributes; `?` if it is computed.
    pub name: String,
    /// Offset of the opcode of its first use.
    pub offset: u64,
    /// How it is looked up.
    pub how: Lookup,
    /// Module and name where they are not plain strings.
    pub computed: Option<(Value, Value)>,
    /// How often it is looked up.
    pub uses: u64,
}

/// Ways to look up a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// `EXT1`, `EXT2`, `EXT4`: a number in the loading process's `copyreg` registry; `name` is the number.
    Extension,
    /// `GLOBAL`: two lines of text.
    Global,
    /// `INST`: looked up and called at once.
    Instance,
    /// `STACK_GLOBAL`: two values from the stack.
    StackGlobal,
}

/// Something that loading calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    /// What is called; the object itself for the ways that fill one.
    pub callee: Value,
    /// Positional arguments, a tuple unless the stream is malformed; the state or items for the ways that fill.
    pub arguments: Value,
    /// Keyword arguments (`NEWOBJ_EX`).
    pub keywords: Value,
    /// Offset of the opcode.
    pub offset: u64,
    /// How it is called.
    pub how: Way,
}

/// Ways in which a pickle makes Python call something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `ADDITEMS` on something that is no plain set: `callee.update(items)` or `.add`.
    Add,
    /// `APPEND(S)` on something that is no plain list: `callee.extend(items)` or `.append`.
    Append,
    /// `BUILD`: `callee.__setstate__(state)`, or the state becomes attributes.
    Build,
    /// `INST` and `OBJ`: `callee(*arguments)`.
    Instance,
    /// `NEWOBJ` and `NEWOBJ_EX`: `callee.__new__(callee, *arguments)`.
    New,
    /// `REDUCE`: `callee(*arguments)`.
    Reduce,
    /// `SETITEM(S)` on something that is no plain dict: `callee[key] = value`.
    SetItem,
}

impl Way {
    /// Whether it makes a new value, so that [`Value::Call`] can refer to it.
    pub fn makes_value(self) -> bool {
        matches!(self, Self::Instance | Self::New | Self::Reduce)
    }
}

impl Stream {
    /// The import a value is, if it is one.
    pub fn import(&self, value: Value) -> Option<&Import> {
        let Value::Import(at) = value else { return None };
        self.imports.get(at as usize)
    }

    /// The call a value is the result of, if it is one.
    pub fn call(&self, value: Value) -> Option<&Call> {
        let Value::Call(at) = value else { return None };
        self.calls.get(at as usize)
    }

    /// The text a value is, if it is a `str`; cut to [`TEXT_KEPT`] bytes.
    pub fn text(&self, value: Value) -> Option<&str> {
        let Value::Text(at) = value else { return None };
        self.texts.get(at as usize).map(|text| text.head.as_str())
    }

    /// The text or bytes a value is.
    pub fn text_or_bytes(&self, value: Value) -> Option<&Text> {
        let (Value::Text(at) | Value::Bytes(at)) = value else { return None };
        self.texts.get(at as usize)
    }

    /// The container a value is, if it is one.
    pub fn container(&self, value: Value) -> Option<&Container> {
        let Value::Container(at) = value else { return None };
        self.containers.get(at as usize)
    }

    /// Items kept of a tuple or list; none for anything else.
    pub fn items(&self, value: Value) -> &[Value] {
        match self.container(value) {
            Some(container) if container.kind != ContainerKind::Dict => &container.items,
            _ => &[],
        }
    }

    /// The value stored under the text `key` in a dict, among the items kept.
    pub fn entry(&self, dict: Value, key: &str) -> Option<Value> {
        let container = self.container(dict).filter(|container| container.kind == ContainerKind::Dict)?;
        container.items.chunks_exact(2).rev().find_map(|pair| match pair {
            [name, value] if self.text_or_bytes(*name).is_some_and(|text| text.head == key) => Some(*value),
            _ => None,
        })
    }
}
