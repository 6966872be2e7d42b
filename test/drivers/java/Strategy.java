import org.jooq.codegen.DefaultGeneratorStrategy;
import org.jooq.meta.Definition;
import org.jooq.meta.TableDefinition;

/** The readers that take a uuid have the names of those that take text: MESSAGE_LIST_UUID beside MESSAGE_LIST, else only one is there. */
public class Strategy extends DefaultGeneratorStrategy {
    private static String suffix(Definition definition, String uuid) {
        return definition instanceof TableDefinition table && table.isTableValuedFunction()
            && table.getParameters().stream().anyMatch(p -> p.getName().endsWith("_uuid")) ? uuid : "";
    }

    @Override
    public String getJavaIdentifier(Definition definition) {
        return super.getJavaIdentifier(definition) + suffix(definition, "_UUID");
    }

    @Override
    public String getJavaMethodName(Definition definition, Mode mode) {
        return super.getJavaMethodName(definition, mode) + suffix(definition, "Uuid");
    }

    @Override
    public String getJavaClassName(Definition definition, Mode mode) {
        return super.getJavaClassName(definition, mode) + suffix(definition, "Uuid");
    }
}
