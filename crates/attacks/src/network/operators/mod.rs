//! The closed set of operators: a sorted list, one line each.

mod arithmetic;
mod choose;
mod constant;
mod convolution;
mod discrete;
mod linear;
mod ml;
mod normalisation;
mod pooling;
mod rearrange;
mod reduce;
mod reshape;
mod softmax;
mod unary;
mod window;

pub(crate) use ml::tree::tree_target;

use super::kernel::{Context, Kernel, KernelError};

/// What preparing an operator gives.
pub(crate) type Prepared = Result<Box<dyn Kernel>, KernelError>;

/// An entry of the list.
pub struct Operator {
    /// Domain, empty for the standard operators.
    pub domain: &'static str,
    /// Name as in ONNX.
    pub name: &'static str,
    /// Makes the kernel of one node.
    pub(crate) prepare: fn(&Context<'_>) -> Prepared,
}

const fn operator(name: &'static str, prepare: fn(&Context<'_>) -> Prepared) -> Operator {
    Operator { domain: "", name, prepare }
}

const fn classical(name: &'static str, prepare: fn(&Context<'_>) -> Prepared) -> Operator {
    Operator { domain: "ai.onnx.ml", name, prepare }
}

/// Every supported operator, sorted by domain and name. <https://onnx.ai/onnx/operators/>
pub const OPERATORS: &[Operator] = &[
    operator("Abs", unary::abs),
    operator("Add", arithmetic::add),
    operator("And", discrete::and),
    operator("ArgMax", discrete::arg_max),
    operator("AveragePool", pooling::average),
    operator("BatchNormalization", normalisation::batch),
    operator("Cast", discrete::cast),
    operator("Ceil", discrete::ceil),
    operator("Clip", unary::clip),
    operator("Concat", reshape::concat),
    operator("Constant", constant::constant),
    operator("ConstantOfShape", constant::of_shape),
    operator("Conv", convolution::convolution),
    operator("Cos", unary::cos),
    operator("DequantizeLinear", discrete::dequantize),
    operator("Div", arithmetic::div),
    operator("Dropout", reshape::dropout),
    operator("Elu", unary::elu),
    operator("Equal", discrete::equal),
    operator("Erf", unary::erf),
    operator("Exp", unary::exp),
    operator("Expand", rearrange::expand),
    operator("Flatten", reshape::flatten),
    operator("Floor", discrete::floor),
    operator("Gather", rearrange::gather),
    operator("Gelu", unary::gelu),
    operator("Gemm", linear::gemm),
    operator("GlobalAveragePool", reduce::global_average),
    operator("GlobalMaxPool", reduce::global_max),
    operator("Greater", discrete::greater),
    operator("HardSigmoid", unary::hard_sigmoid),
    operator("HardSwish", unary::hard_swish),
    operator("Identity", reshape::identity),
    operator("LayerNormalization", normalisation::layer),
    operator("LeakyRelu", unary::leaky_relu),
    operator("Less", discrete::less),
    operator("Log", unary::log),
    operator("LogSoftmax", softmax::log_softmax),
    operator("MatMul", linear::matmul),
    operator("Max", arithmetic::max),
    operator("MaxPool", pooling::max),
    operator("Min", arithmetic::min),
    operator("Mish", unary::mish),
    operator("Mul", arithmetic::mul),
    operator("Neg", unary::neg),
    operator("Not", discrete::not),
    operator("PRelu", arithmetic::prelu),
    operator("Pad", rearrange::pad),
    operator("Pow", arithmetic::pow),
    operator("QuantizeLinear", discrete::quantize),
    operator("Reciprocal", unary::reciprocal),
    operator("ReduceMax", reduce::max),
    operator("ReduceMean", reduce::mean),
    operator("ReduceMin", reduce::min),
    operator("ReduceSum", reduce::sum),
    operator("Relu", unary::relu),
    operator("Reshape", reshape::reshape),
    operator("Round", discrete::round),
    operator("Selu", unary::selu),
    operator("Shape", constant::shape),
    operator("Sigmoid", unary::sigmoid),
    operator("Sign", discrete::sign),
    operator("Sin", unary::sin),
    operator("Slice", rearrange::slice),
    operator("Softmax", softmax::softmax),
    operator("Softplus", unary::softplus),
    operator("Split", rearrange::split),
    operator("Sqrt", unary::sqrt),
    operator("Squeeze", reshape::squeeze),
    operator("Sub", arithmetic::sub),
    operator("Sum", arithmetic::sum),
    operator("Tanh", unary::tanh),
    operator("Transpose", rearrange::transpose),
    operator("Unsqueeze", reshape::unsqueeze),
    operator("Where", choose::choose),
    classical("ArrayFeatureExtractor", ml::features::array_feature_extractor),
    classical("LinearClassifier", ml::linear::classifier),
    classical("LinearRegressor", ml::linear::regressor),
    classical("Normalizer", ml::features::normalizer),
    classical("SVMClassifier", ml::svm::classifier),
    classical("Scaler", ml::features::scaler),
    classical("TreeEnsembleClassifier", ml::tree::classifier),
    classical("TreeEnsembleRegressor", ml::tree::regressor),
    classical("ZipMap", ml::features::zip_map),
];

/// The entry of this domain (`ai.onnx` is the empty one) and name.
pub fn find(domain: &str, name: &str) -> Option<&'static Operator> {
    let domain = if domain == "ai.onnx" { "" } else { domain };
    OPERATORS.iter().find(|operator| operator.domain == domain && operator.name == name)
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;

    #[test]
    fn the_list_is_sorted() {
        assert!(OPERATORS.is_sorted_by_key(|operator| (operator.domain, operator.name)));
    }
}
