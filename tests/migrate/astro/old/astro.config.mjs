export default { site: "https://harbour.example" };
